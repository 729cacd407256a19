"""How far observers agree about the same sessions, and whether they do so early and late."""

import numpy as np
import pandas as pd

from rupture_outcome.estimates.agreement.presence_counts import presence_counts
from rupture_outcome.estimates.agreement.rater_agreement import rater_agreement
from rupture_outcome.estimates.agreement.rater_drift import rater_drift
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_parquet


def agreement(ratings: str, markers: str, seed: int, confidence: float) -> pd.DataFrame:
    rated, rng = pd.read_parquet(ratings), np.random.default_rng(seed)
    overall = rater_agreement(rated, pd.read_parquet(markers), rng=rng, confidence=confidence)
    counts = presence_counts(rated)
    overall = overall.merge(counts, on=["measure", "model", "type"], how="left", validate="m:1")
    halves = rater_drift(rated, rng=rng, confidence=confidence).drop(columns=["order", "median"])
    drift = halves.assign(model="one_way_random", type="absolute_agreement", unit="single")
    table = pd.concat([overall.assign(half="all"), drift], ignore_index=True)
    return table if len(rated) else table.iloc[:0]


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table = agreement(
            **dict(snakemake.input.items()),
            seed=snakemake.params.seed,
            confidence=snakemake.params.confidence,
        )
        write_parquet(table, snakemake.output.agreement)
        print(f"{len(table)} coefficients, {table['estimate'].isna().sum()} not estimable")
