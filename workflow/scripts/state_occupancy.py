"""Multistate model of the primary definition: occupancy, transitions, hazards, what if."""

import numpy as np
import pandas as pd

from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.estimates.multistate.products import Multistate, multistate
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_json, write_parquet


def follow(person_sessions: str, primary: dict, models: dict, seed: int) -> Multistate:
    rows = pd.read_parquet(person_sessions, filters=primary_filter(primary))
    return multistate(rows, models, np.random.default_rng(seed))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        found = follow(
            snakemake.input.person_sessions,
            primary=snakemake.params.primary,
            models=snakemake.params.models,
            seed=snakemake.params.seed,
        )
        for name, frame in found.frames.items():
            write_parquet(frame, snakemake.output[name])
        write_json(found.fits, snakemake.output.fits)
        print(f"{len(found.frames)} frames, {len(found.fits)} fits")
