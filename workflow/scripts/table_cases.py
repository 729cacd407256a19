"""Table: the selected cases under every definition; empty where single courses may not be shown."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.tables.cases import cases_table

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        cases = pd.read_parquet(snakemake.input.cases)
        html = cases_table(cases, simulated=snakemake.params.study["simulated"])
        cases.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
