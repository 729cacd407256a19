"""Fit growth of symptoms and alliance by the state that the session before ended in."""

from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.estimates.growth.growth_effects import growth_effects
from rupture_outcome.estimates.growth.growth_rows import MEASURES
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_parquet, write_json, write_parquet

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        settings = HazardSettings.from_config(snakemake.params.models)
        primary = snakemake.params.primary
        effects, fits = growth_effects(
            read_parquet(snakemake.input.person_sessions, filters=primary_filter(primary)),
            read_parquet(snakemake.input.sessions, ["patient_id", "session", *MEASURES]),
            primary,
            settings.covariates,
            settings.confidence,
            settings.min_testable,
        )
        write_parquet(effects, snakemake.output.effects)
        write_json(fits, snakemake.output.fits)
        print(f"{len(fits)} fits, {sum(not fit['converged'] for fit in fits)} did not converge")
