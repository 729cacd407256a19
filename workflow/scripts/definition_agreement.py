"""How far the definitions agree on the sessions that both can test."""

import numpy as np
import pandas as pd

from rupture_outcome.estimates.agreement.definition_agreement import definition_agreement
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_parquet

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table = definition_agreement(
            pd.read_parquet(snakemake.input.ruptures),
            rng=np.random.default_rng(snakemake.params.seed),
            confidence=snakemake.params.confidence,
        )
        write_parquet(table, snakemake.output.agreement)
        print(f"{len(table)} pairs of definitions")
