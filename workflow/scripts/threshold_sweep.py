"""What every definition finds, and what chance gives, as its threshold moves.

Inputs: sessions (scored), ratings and markers (clean), optionally truth (a CSV of latent states, of
a simulated study). Params: instruments, coding, seed. Output: sweep.
"""

import numpy as np
import pandas as pd

from rupture_outcome.estimates.prevalence.threshold_sweep import threshold_sweep
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_parquet


def sweep(
    sessions: str,
    ratings: str,
    markers: str,
    instruments: dict,
    coding: dict,
    seed: int,
    truth: str | None = None,
) -> pd.DataFrame:
    return threshold_sweep(
        pd.read_parquet(sessions),
        pd.read_parquet(ratings),
        instruments,
        coding,
        rng=np.random.default_rng(seed),
        markers=pd.read_parquet(markers),
        truth=pd.read_csv(truth) if truth else None,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table = sweep(
            **dict(snakemake.input.items()),
            instruments=snakemake.params.instruments,
            coding=snakemake.params.coding,
            seed=snakemake.params.seed,
        )
        write_parquet(table, snakemake.output.sweep)
        print(f"{len(table)} thresholds")
