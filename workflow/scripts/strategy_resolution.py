"""Which strategies followed which rupture markers, and how resolution was rated."""

import pandas as pd

from rupture_outcome.estimates.strategies import strategy_resolution
from rupture_outcome.pipeline.logs import logged

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table = strategy_resolution(
            pd.read_parquet(snakemake.input.markers), pd.read_parquet(snakemake.input.ratings)
        )
        table.to_parquet(snakemake.output.strategies, index=False)
        print(f"{len(table)} kinds of marker and strategy")
