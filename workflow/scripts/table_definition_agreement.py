"""Table: how far definitions agree on the sessions that both can test."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.coding import publishable_definition_agreement
from rupture_outcome.publishable.suppress import published_counts
from rupture_outcome.tables.definition_agreement import agreement_table


def publish(
    agreement: str, prevalence: str, flow: str, study: dict, disclosure: dict, confidence: float
) -> tuple[pd.DataFrame, str]:
    threshold = disclosure["threshold"]
    known = {"patients": published_counts(pd.read_csv(flow), "patients")}
    shown = publishable_definition_agreement(
        pd.read_parquet(agreement), threshold, pd.read_csv(prevalence), known
    )
    return shown, agreement_table(
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
