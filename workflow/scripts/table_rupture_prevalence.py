"""Table: how frequent ruptures are under each definition."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.suppress import publishable_prevalence, published_counts
from rupture_outcome.tables.rupture_prevalence import prevalence_table


def publish(prevalence: str, flow: str, study: dict, disclosure: dict) -> tuple:
    threshold = disclosure["threshold"]
    known = published_counts(pd.read_csv(flow), "patients")
    shown = publishable_prevalence(
        pd.read_parquet(prevalence), threshold, {"patients_testable": known}
    )
    html = prevalence_table(shown, threshold=threshold, simulated=study["simulated"])
    return shown, html


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        prevalence, html = publish(
            **dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
        )
        prevalence.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
