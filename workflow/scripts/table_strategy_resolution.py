"""Table: strategies that followed rupture markers, and how resolution was rated."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.raters import publishable_strategies
from rupture_outcome.publishable.suppress import published_counts
from rupture_outcome.tables.strategy_resolution import strategies_table


def publish(strategies: str, flow: str, study: dict, disclosure: dict) -> tuple[pd.DataFrame, str]:
    threshold = disclosure["threshold"]
    known = {"patients": published_counts(pd.read_csv(flow), "patients")}
    shown = publishable_strategies(pd.read_parquet(strategies), threshold, known)
    return shown, strategies_table(shown, threshold=threshold, simulated=study["simulated"])


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table, html = publish(
            **dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
        )
        table.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
