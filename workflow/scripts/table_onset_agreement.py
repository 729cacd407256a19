"""Table: the ruptures that two definitions share."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.coding import publishable_onset_agreement
from rupture_outcome.publishable.suppress import published_counts
from rupture_outcome.tables.onset_agreement import onsets_table


def publish(agreement: str, flow: str, study: dict, disclosure: dict) -> tuple[pd.DataFrame, str]:
    threshold = disclosure["threshold"]
    known = {"patients": published_counts(pd.read_csv(flow), "patients")}
    shown = publishable_onset_agreement(pd.read_parquet(agreement), threshold, known)
    return shown, onsets_table(shown, threshold=threshold, simulated=study["simulated"])


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table, html = publish(
            **dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
        )
        table.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
