"""Estimate how much therapists differ in rupture, repair and dropout, and how these relate."""

import pandas as pd

from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard
from rupture_outcome.estimates.therapists.therapist_effects import (
    therapist_effects,
    therapist_variances,
)
from rupture_outcome.estimates.therapists.therapist_hazards import (
    therapist_audits,
    therapist_hazards,
)
from rupture_outcome.estimates.therapists.therapist_relation import therapist_relation
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_json, write_json, write_parquet


def estimate(
    person_sessions: str, primary_hazard: str, primary: dict, models: dict
) -> tuple[dict[str, pd.DataFrame], list[dict]]:
    rows = pd.read_parquet(person_sessions, filters=primary_filter(primary))
    settings = HazardSettings.from_config(models)
    hazards = therapist_hazards(rows, settings, PrimaryHazard(**read_json(primary_hazard)))
    relation, joint = therapist_relation(hazards, settings.confidence, **primary)
    frames = {
        "effects": therapist_effects(hazards, settings.confidence),
        "variances": therapist_variances(hazards, settings.link, settings.confidence),
        "relation": relation,
    }
    return frames, [*therapist_audits(hazards, **primary), *joint]


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        frames, fits = estimate(
            **dict(snakemake.input.items()),
            primary=snakemake.params.primary,
            models=snakemake.params.models,
        )
        for name, frame in frames.items():
            write_parquet(frame, snakemake.output[name])
        write_json(fits, snakemake.output.fits)
        print(f"{len(fits)} fits, {sum(not fit['converged'] for fit in fits)} did not converge")
