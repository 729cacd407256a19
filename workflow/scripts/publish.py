"""Publish one table: its raw frames, rounded by the one rule for what may leave, as CSV."""

import json
from pathlib import Path

import pandas as pd

from rupture_outcome.look.look import Look
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.products.registry import product
from rupture_outcome.products.tables import cells_of, published, read_table
from rupture_outcome.study.writing import read_csv, write_csv


def read_raw(file: Path) -> pd.DataFrame:
    if file.suffix == ".json":
        return pd.DataFrame(json.loads(file.read_text(encoding="utf-8")))
    return pd.read_parquet(file) if file.suffix == ".parquet" else read_csv(file)


def publish(name: str, results: Path, look: Look) -> pd.DataFrame:
    declared = product(name)
    files = {key: results / file for key, file in declared.raw.items()}
    frames = {key: read_raw(file) for key, file in files.items()}
    shown = {other: read_table(results, other) for other in declared.reads if declared.make}
    return cells_of(published(declared, {**frames, **shown}, look), declared.columns)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table = publish(
            snakemake.params.product,
            Path(snakemake.output.csv.removesuffix(f"{snakemake.wildcards.file}.csv")),
            Look(**snakemake.params.look),
        )
        write_csv(table, snakemake.output.csv)
