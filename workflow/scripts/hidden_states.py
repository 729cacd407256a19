"""Tell states that nobody sees from all reports, together with dropout."""

import pandas as pd

from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hidden_states.hidden_states import HiddenStates, hidden_states
from rupture_outcome.estimates.hidden_states.reports import study_reports, true_phases
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_json, write_parquet


def analyse(
    person_sessions: str,
    sessions: str,
    ratings: str,
    models: dict,
    coding: dict,
    instruments: dict,
    truth: str | None,
) -> HiddenStates:
    rows = pd.read_parquet(person_sessions, filters=primary_filter(coding["primary"]))
    scored, rated = pd.read_parquet(sessions), pd.read_parquet(ratings)
    reports = study_reports(rows, scored, rated, instruments, coding)
    phases = None if truth is None else true_phases(rows, pd.read_csv(truth))
    return hidden_states(rows, reports, HazardSettings.from_config(models), phases)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        found = analyse(
            snakemake.input.person_sessions,
            snakemake.input.sessions,
            snakemake.input.ratings,
            models=snakemake.params.models,
            coding=snakemake.params.coding,
            instruments=snakemake.params.instruments,
            truth=snakemake.input.get("truth"),
        )
        write_parquet(found.effects, snakemake.output.effects)
        write_parquet(found.reports, snakemake.output.reports)
        write_json(found.fits, snakemake.output.fits)
        print(f"{len(found.reports)} reports, {sum(f['converged'] for f in found.fits)} fits")
