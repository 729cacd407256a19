"""Table: who was in the study."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.suppress import published_counts
from rupture_outcome.tables.sample_description import sample_description, sample_table


def publish(tables: dict[str, str], flow: str, study: dict, disclosure: dict) -> tuple:
    threshold = disclosure["threshold"]
    known = published_counts(pd.read_csv(flow), "patients")
    frames = {name: pd.read_parquet(file) for name, file in tables.items()}
    description = sample_description(**frames, threshold=threshold, published=known)
    html = sample_table(description, threshold=threshold, simulated=study["simulated"])
    return description, html


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tables = dict(snakemake.input.items())
        description, html = publish(
            flow=tables.pop("flow"),
            tables=tables,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
        )
        description.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
