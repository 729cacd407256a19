"""Score the instruments of the sessions."""

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.score import completeness, score_sessions

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        instruments = snakemake.params.instruments
        clean = pd.read_parquet(snakemake.input.sessions)
        score_sessions(clean, instruments).to_parquet(snakemake.output.sessions, index=False)
        counts = completeness(clean, instruments)
        counts.to_csv(snakemake.output.completeness, index=False)
        print(counts.to_string(index=False))
