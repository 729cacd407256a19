"""Table: which sets of definitions detect the same sessions."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.coding import publishable_detected_by
from rupture_outcome.tables.detected_by import sets_table


def publish(sets: str, prevalence: str, study: dict, disclosure: dict) -> tuple[pd.DataFrame, str]:
    threshold = disclosure["threshold"]
    shown = publishable_detected_by(pd.read_parquet(sets), threshold, pd.read_csv(prevalence))
    return shown, sets_table(shown, threshold=threshold, simulated=study["simulated"])


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table, html = publish(
            **dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
        )
        table.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
