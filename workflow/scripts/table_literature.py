"""Table: this study's published results beside the literature."""

from pathlib import Path

import pandas as pd

from rupture_outcome.estimates.literature import literature
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.tables.literature import literature_table


def publish(
    tables: dict[str, str], primary: dict, study: dict, confidence: float
) -> tuple[pd.DataFrame, str]:
    frames = {name: pd.read_csv(file) for name, file in tables.items()}
    rows = literature(**frames, primary=primary, confidence=confidence)
    return rows, literature_table(rows, confidence=confidence, simulated=study["simulated"])


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        rows, html = publish(
            dict(snakemake.input.items()),
            primary=snakemake.params.primary,
            study=snakemake.params.study,
            confidence=snakemake.params.confidence,
        )
        rows.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
