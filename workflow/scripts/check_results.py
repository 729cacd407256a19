"""Check the results of the run."""

import json
from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.checks import check_results
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_csv, write_csv


def check(files: dict, published: list[str], disclosure: dict) -> pd.DataFrame:
    return check_results(
        flow=pd.concat([read_csv(file) for file in files["flow"]], ignore_index=True),
        person_sessions=pd.read_parquet(files["person_sessions"]),
        prevalence=pd.read_parquet(files["prevalence"]),
        fits=[fit for file in files["fits"] for fit in json.loads(Path(file).read_text("utf-8"))],
        published={Path(file).name: read_csv(file) for file in published},
        threshold=disclosure["threshold"],
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        checks = check(
            files=dict(snakemake.input.items()),
            published=snakemake.input.published,
            disclosure=snakemake.params.disclosure,
        )
        write_csv(checks, snakemake.output.checks)
        print(f"{len(checks)} checks, {(~checks['passed']).sum()} not passed")
