"""Fit the multilevel hazard of dropout under every definition and repair rule."""

import pandas as pd

from rupture_outcome.cohort.specifications import primary_rows
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_effects import hazard_effects
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard, primary_hazard
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_parquet, write_json, write_parquet


def fit(
    person_sessions: str, primary: dict, models: dict, dropout: dict
) -> tuple[pd.DataFrame, list[dict], PrimaryHazard]:
    rows, event = read_parquet(person_sessions), dropout["definition"]
    settings = HazardSettings.from_config(models)
    main = primary_hazard(primary_rows(rows, primary), primary, event, settings)
    return *hazard_effects(rows, event, settings, main), main


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        effects, fits, main = fit(
            snakemake.input.person_sessions,
            primary=snakemake.params.primary,
            models=snakemake.params.models,
            dropout=snakemake.params.dropout,
        )
        write_parquet(effects, snakemake.output.effects)
        write_json(fits, snakemake.output.fits)
        write_json(main.as_dict(), snakemake.output.primary_hazard)
        print(f"{len(fits)} fits, {sum(not fit['converged'] for fit in fits)} did not converge")
