"""Compare patients by whether a rupture was ever repaired: biased, and to be shown as such."""

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.naive import naive_effects
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_parquet, write_json, write_parquet

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        settings = HazardSettings.from_config(snakemake.params.models)
        effects, fits = naive_effects(
            read_parquet(snakemake.input.person_sessions),
            snakemake.params.dropout["definition"],
            settings.covariates,
            settings.confidence,
            settings.min_testable,
        )
        write_parquet(effects, snakemake.output.effects)
        write_json(fits, snakemake.output.fits)
        print(f"{len(effects)} comparisons")
