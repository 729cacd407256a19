"""How well definitions find the ruptures of a simulated study; empty where truth is not known."""

import pandas as pd

from rupture_outcome.estimates.agreement.accuracy import COLUMNS, accuracy
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_parquet


def compare(ruptures: str, confidence: float, truth: str | None = None) -> pd.DataFrame:
    if truth is None:
        return pd.DataFrame({column: [] for column in COLUMNS})
    return accuracy(pd.read_parquet(ruptures), pd.read_csv(truth), confidence=confidence)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table = compare(**dict(snakemake.input.items()), confidence=snakemake.params.confidence)
        write_parquet(table, snakemake.output.accuracy)
        print(f"{len(table)} definitions")
