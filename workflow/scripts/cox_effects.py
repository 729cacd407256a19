"""Fit the Cox model of dropout under every definition and rule, and check proportionality."""

import pandas as pd

from rupture_outcome.estimates.cox.cox_effects import cox_effects
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_parquet, write_json, write_parquet


def fit(
    person_sessions: str, models: dict, dropout: dict
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict]]:
    settings = HazardSettings.from_config(models)
    return cox_effects(read_parquet(person_sessions), dropout["definition"], settings)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        effects, checks, fits = fit(
            snakemake.input.person_sessions, snakemake.params.models, snakemake.params.dropout
        )
        write_parquet(effects, snakemake.output.effects)
        write_parquet(checks, snakemake.output.checks)
        write_json(fits, snakemake.output.fits)
        print(f"{len(fits)} fits, {sum(not fit['converged'] for fit in fits)} did not converge")
