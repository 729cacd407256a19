"""From landmarks: incidence of every ending by the state at it, and the hazard after it."""

import pandas as pd

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.landmark.landmark import landmark_hazards
from rupture_outcome.estimates.landmark.landmark_bootstrap import Draws
from rupture_outcome.estimates.landmark.landmark_incidence import landmark_incidence
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_json, write_parquet


def follow(
    person_sessions: str, models: dict, dropout: dict, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict]]:
    rows = pd.read_parquet(person_sessions)
    settings = HazardSettings.from_config(models)
    landmarks = models["landmarks"]
    draws = Draws(models["replicates"], models["confidence"], seed, models["resampled"])
    incidence = landmark_incidence(rows, landmarks, draws)
    return incidence, *landmark_hazards(rows, landmarks, dropout["definition"], settings)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        incidence, effects, fits = follow(
            snakemake.input.person_sessions,
            snakemake.params.models,
            snakemake.params.dropout,
            snakemake.params.seed,
        )
        write_parquet(incidence, snakemake.output.incidence)
        write_parquet(effects, snakemake.output.effects)
        write_json(fits, snakemake.output.fits)
        print(f"{len(effects)} effects, {len(fits)} fits")
