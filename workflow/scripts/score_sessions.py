"""Score the instruments of the sessions."""

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.score import completeness, score_sessions
from rupture_outcome.study.writing import write_csv, write_parquet

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        instruments = snakemake.params.instruments
        clean = pd.read_parquet(snakemake.input.sessions)
        write_parquet(score_sessions(clean, instruments), snakemake.output.sessions)
        write_csv(completeness(clean, instruments), snakemake.output.completeness)
        print(f"{len(instruments)} instruments")
