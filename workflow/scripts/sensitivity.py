"""Ask how far the main effects could move: confounding, missing ratings, miscoded ruptures."""

import numpy as np
import pandas as pd

from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard
from rupture_outcome.estimates.sensitivity.misclassification import validated_accuracy
from rupture_outcome.estimates.sensitivity.sensitivity_effects import (
    Sensitivity,
    sensitivity_effects,
)
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_json, write_json, write_parquet


def analyse(
    person_sessions: str,
    sessions: str,
    primary_hazard: str,
    models: dict,
    coding: dict,
    seed: int,
    truth: str | None,
) -> Sensitivity:
    given = models["coding_accuracy"]
    return sensitivity_effects(
        pd.read_parquet(person_sessions, filters=primary_filter(coding["primary"])),
        pd.read_parquet(sessions, columns=["patient_id", "session", "symptom"]),
        HazardSettings.from_config(models),
        rng=np.random.default_rng(seed),
        validated=None if given is None else validated_accuracy(given),
        truth=None if truth is None else pd.read_csv(truth),
        primary_fit=PrimaryHazard(**read_json(primary_hazard)),
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        found = analyse(
            snakemake.input.person_sessions,
            snakemake.input.sessions,
            snakemake.input.primary_hazard,
            models=snakemake.params.models,
            coding=snakemake.params.coding,
            seed=snakemake.params.seed,
            truth=snakemake.input.get("truth"),
        )
        write_parquet(found.effects, snakemake.output.effects)
        write_parquet(found.diagnostics, snakemake.output.diagnostics)
        write_json(found.fits, snakemake.output.fits)
        print(f"{len(found.effects)} effects, {(~found.effects['converged']).sum()} not estimable")
