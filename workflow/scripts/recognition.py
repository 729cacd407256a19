"""Count which ruptures of one reporter another reporter sees, too."""

import pandas as pd

from rupture_outcome.estimates.recognition.recognition import recognition, reporters_of
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_parquet, write_parquet

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table = recognition(
            pd.read_parquet(snakemake.input.ruptures),
            read_parquet(snakemake.input.sessions, ["patient_id", "session", "therapist_id"]),
            reporters_of(snakemake.params.coding),
            snakemake.params.confidence,
        )
        write_parquet(table, snakemake.output.recognition)
        print(f"{len(table)} pairs of definitions and lags")
