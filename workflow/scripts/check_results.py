"""Check the results of the run."""

import json
from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.checks import PERSON_SESSIONS, check_results
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.products.registry import tables
from rupture_outcome.products.tables import read_table
from rupture_outcome.study.writing import read_csv, read_parquet, write_csv


def check(files: dict, results: Path, threshold: int) -> pd.DataFrame:
    return check_results(
        flow=pd.concat([read_csv(file) for file in files["flow"]], ignore_index=True),
        person_sessions=read_parquet(files["person_sessions"], PERSON_SESSIONS),
        prevalence=pd.read_parquet(files["prevalence"]),
        fits=[fit for file in files["fits"] for fit in json.loads(Path(file).read_text("utf-8"))],
        published={name: read_table(results, name) for name in tables()},
        threshold=threshold,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        checks = check(
            dict(snakemake.input.items()),
            results=Path(snakemake.output.checks).parent,
            threshold=snakemake.params.threshold,
        )
        write_csv(checks, snakemake.output.checks)
        print(f"{len(checks)} checks made")
