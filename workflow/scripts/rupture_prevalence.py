"""Count ruptures per testable session, and how many chance would give."""

import numpy as np
import pandas as pd

from rupture_outcome.estimates.prevalence.prevalence import rupture_prevalence
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_csv, write_parquet

# The expectation is a mean over so many random orders: its error is a tenth of one order's spread.
PERMUTATIONS = 100


def prevalence(
    ruptures: str, scales: str, sessions: str, instruments: dict, coding: dict, seed: int
) -> pd.DataFrame:
    return rupture_prevalence(
        pd.read_parquet(ruptures),
        read_csv(scales),
        pd.read_parquet(sessions),
        instruments,
        coding,
        rng=np.random.default_rng(seed),
        permutations=PERMUTATIONS,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table = prevalence(
            **dict(snakemake.input.items()),
            instruments=snakemake.params.instruments,
            coding=snakemake.params.coding,
            seed=snakemake.params.seed,
        )
        write_parquet(table, snakemake.output.prevalence)
