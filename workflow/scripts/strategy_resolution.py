"""Which strategies followed which rupture markers, and how resolution was rated."""

import pandas as pd

from rupture_outcome.estimates.strategies import strategy_resolution
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_parquet

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table = strategy_resolution(
            pd.read_parquet(snakemake.input.markers), pd.read_parquet(snakemake.input.ratings)
        )
        write_parquet(table, snakemake.output.strategies)
        print("strategies followed")
