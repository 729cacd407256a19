"""Table: what definitions find as their thresholds move."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.coding import publishable_sweep
from rupture_outcome.tables.threshold_sweep import sweep_table


def publish(sweep: str, prevalence: str, study: dict, disclosure: dict) -> tuple[pd.DataFrame, str]:
    threshold = disclosure["threshold"]
    full = study["simulated"] or disclosure["full_curves"]
    shown = publishable_sweep(pd.read_parquet(sweep), threshold, pd.read_csv(prevalence), full=full)
    return shown, sweep_table(shown, threshold=threshold, simulated=study["simulated"])


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table, html = publish(
            **dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
        )
        table.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
