"""Estimate what the alliance and ruptures say of symptoms one session later, and the reverse."""

from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.estimates.growth.growth_rows import MEASURES
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.within_effects import within_effects
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_parquet, write_parquet

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        settings = HazardSettings.from_config(snakemake.params.models)
        primary = snakemake.params.primary
        effects, panels = within_effects(
            read_parquet(snakemake.input.person_sessions, filters=primary_filter(primary)),
            read_parquet(snakemake.input.sessions, ["patient_id", "session", *MEASURES]),
            primary,
            settings.confidence,
            snakemake.params.panel_sessions,
            settings.min_testable,
        )
        write_parquet(effects, snakemake.output.effects)
        write_parquet(panels, snakemake.output.panels)
        print(f"{len(effects)} effects, {effects['estimate'].isna().sum()} without an estimate")
