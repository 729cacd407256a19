"""Collect the effects of all analyses into one table."""

import pandas as pd

from rupture_outcome.estimates.hazard.dropout_effects import dropout_effects
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_parquet

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        effects = dropout_effects(*map(pd.read_parquet, snakemake.input))
        write_parquet(effects, snakemake.output.effects)
        print(f"{len(effects)} effects, {(~effects['converged']).sum()} not estimable")
