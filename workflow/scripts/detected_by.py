"""Which sets of definitions detect the same sessions."""

import pandas as pd

from rupture_outcome.estimates.agreement.definition_agreement import detected_by, widely_testable
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_parquet

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        ruptures = pd.read_parquet(snakemake.input.ruptures)
        sets = detected_by(widely_testable(ruptures))
        write_parquet(sets, snakemake.output.sets)
        print("sets of definitions compared")
