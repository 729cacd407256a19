"""Table: cumulative incidence of the ways a treatment ends, from landmarks."""

from pathlib import Path

import pandas as pd

from rupture_outcome.look.words import name
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.curves import publishable_incidence
from rupture_outcome.tables.cumulative_incidence import incidence_table


def publish(
    incidence: str, primary: dict, clock: str, study: dict, disclosure: dict, confidence: float
) -> tuple[pd.DataFrame, str]:
    threshold = disclosure["threshold"]
    full = study["simulated"] or disclosure["full_curves"]
    shown = publishable_incidence(pd.read_parquet(incidence), threshold, full=full)
    html = incidence_table(
        shown,
        primary,
        unit=name("clock_unit", clock),
        threshold=threshold,
        confidence=confidence,
        simulated=study["simulated"],
    )
    return shown, html


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        incidence, html = publish(
            snakemake.input.incidence,
            primary=snakemake.params.primary,
            clock=snakemake.params.clock,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
        )
        incidence.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
