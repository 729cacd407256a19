"""Which sets of definitions detect the same sessions."""

import pandas as pd

from rupture_outcome.estimates.agreement.definition_agreement import detected_by, widely_testable
from rupture_outcome.pipeline.logs import logged

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        ruptures = pd.read_parquet(snakemake.input.ruptures)
        sets = detected_by(widely_testable(ruptures))
        sets.to_parquet(snakemake.output.sets, index=False)
        print(f"{len(sets)} sets of definitions")
