"""Fit the primary hazard under other models, and predict hazards by state."""

import pandas as pd

from rupture_outcome.cohort.horizon import horizon_of
from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_margins import hazard_margins
from rupture_outcome.estimates.hazard.hazard_models import fit_reports, hazard_models
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_json, write_parquet


def fit(
    person_sessions: str, ruptures: str, patients: str, primary: dict, models: dict, dropout: dict
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict]]:
    rows = pd.read_parquet(person_sessions, filters=primary_filter(primary))
    settings = HazardSettings.from_config(models)
    effects, fits = hazard_models(
        rows, pd.read_parquet(ruptures), pd.read_parquet(patients), settings
    )
    horizon = horizon_of(rows, models["horizon"])
    margins = hazard_margins(fits, settings.link, horizon, settings.confidence)
    about = {**primary, "dropout_definition": dropout["definition"]}
    reports = fit_reports(fits, primary, settings.confidence)
    return effects.assign(**about), margins.assign(**about), reports


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        effects, margins, fits = fit(
            **dict(snakemake.input.items()),
            primary=snakemake.params.primary,
            models=snakemake.params.models,
            dropout=snakemake.params.dropout,
        )
        write_parquet(effects, snakemake.output.effects)
        write_parquet(margins, snakemake.output.margins)
        write_json(fits, snakemake.output.fits)
        print(f"{len(fits)} fits, {sum(not fit['converged'] for fit in fits)} did not converge")
