"""From landmarks: incidence of every ending by the state at it, and the hazard after it."""

import pandas as pd

from rupture_outcome.logs import logged
from rupture_outcome.models.exposure_hazard import HazardSettings
from rupture_outcome.models.landmark import landmark_effects, landmark_incidence


def follow(person_sessions: str, models: dict, dropout: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = pd.read_parquet(person_sessions)
    settings = HazardSettings.from_config(models)
    landmarks = models["landmarks"]
    incidence = landmark_incidence(rows, landmarks, settings.confidence)
    return incidence, landmark_effects(rows, landmarks, dropout["definition"], settings)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        incidence, effects = follow(
            snakemake.input.person_sessions, snakemake.params.models, snakemake.params.dropout
        )
        incidence.to_parquet(snakemake.output.incidence, index=False)
        effects.to_parquet(snakemake.output.effects, index=False)
        print(f"{len(incidence)} points of curves, {len(effects)} effects")
