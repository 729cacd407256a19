"""Fit the primary hazard under other models, and predict hazards by state."""

import pandas as pd

from rupture_outcome.cohort.horizon import horizon_of
from rupture_outcome.cohort.repair_window import beyond_window
from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_margins import WITH_MARGINS, hazard_margins
from rupture_outcome.estimates.hazard.hazard_models import (
    MODELS,
    fit_reports,
    hazard_models,
    prepared_rows,
)
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_json, write_json, write_parquet


def fit(
    person_sessions: str,
    ruptures: str,
    patients: str,
    states: str,
    primary_hazard: str,
    primary: dict,
    models: dict,
    dropout: dict,
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict]]:
    rows = pd.read_parquet(person_sessions, filters=primary_filter(primary))
    columns = ["patient_id", "session", "beyond_window"]
    known = pd.read_parquet(states, columns=columns, filters=primary_filter(primary))
    rows = rows.assign(beyond_window=beyond_window(rows, known))
    settings = HazardSettings.from_config(models)
    own = [("definition", "==", primary["definition"])]
    prepared = prepared_rows(
        rows, pd.read_parquet(ruptures, filters=own), pd.read_parquet(patients)
    )
    primary_fit = PrimaryHazard(**read_json(primary_hazard))
    parts, reports, kept = [], [], {}
    # One model at a time: a fit holds its design, and all of them would fill the memory.
    for model in MODELS:
        effects, fits = hazard_models(prepared, settings, [model], primary_fit)
        parts.append(effects)
        reports += fit_reports(fits, primary, settings.confidence)
        kept |= {name: fit for name, fit in fits.items() if name in WITH_MARGINS}
    horizon = horizon_of(rows, models["horizon"])
    margins = hazard_margins(kept, settings.link, horizon, settings.confidence)
    about = {**primary, "dropout_definition": dropout["definition"]}
    together = pd.concat(parts, ignore_index=True)
    return together.assign(**about), margins.assign(**about), reports


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
