"""Table: how well definitions find the ruptures of a simulated study."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.coding import publishable_accuracy
from rupture_outcome.tables.definition_accuracy import accuracy_table


def publish(
    accuracy: str, study: dict, disclosure: dict, confidence: float
) -> tuple[pd.DataFrame, str]:
    threshold = disclosure["threshold"]
    shown = publishable_accuracy(pd.read_parquet(accuracy), threshold)
    return shown, accuracy_table(
        shown, threshold=threshold, confidence=confidence, simulated=study["simulated"]
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table, html = publish(
            **dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
        )
        table.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
