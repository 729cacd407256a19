"""Collect the effects of all analyses into one table."""

import pandas as pd

from rupture_outcome.logs import logged
from rupture_outcome.models.dropout_effects import dropout_effects

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        effects = dropout_effects(*map(pd.read_parquet, snakemake.input))
        effects.to_parquet(snakemake.output.effects, index=False)
        print(f"{len(effects)} effects, {(~effects['converged']).sum()} not estimable")
