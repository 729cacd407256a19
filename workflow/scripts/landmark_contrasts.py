"""Contrast repaired and unrepaired ruptures from landmarks on, with bootstrap intervals."""

import pandas as pd

from rupture_outcome.estimates.landmark.landmark_contrasts import (
    COLUMNS,
    Draws,
    landmark_contrasts,
)
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_parquet, write_parquet


def contrast(person_sessions: str, models: dict, seed: int) -> pd.DataFrame:
    draws = Draws(models["replicates"], models["confidence"], seed, models["resampled"])
    rows = read_parquet(person_sessions, COLUMNS)
    return landmark_contrasts(rows, models["landmarks"], models["horizon"], draws)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        contrasts = contrast(
            snakemake.input.person_sessions, snakemake.params.models, snakemake.params.seed
        )
        write_parquet(contrasts, snakemake.output.contrasts)
        print(f"{len(contrasts)} measures, {contrasts['reason'].ne('').sum()} with a note")
