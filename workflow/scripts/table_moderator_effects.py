"""Table: effects of ruptures and repair on dropout by subgroup."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.moderators import publishable_moderators
from rupture_outcome.publishable.suppress import published_counts
from rupture_outcome.tables.moderator_effects import moderators_table


def publish(
    effects: str, sample: str, flow: str, study: dict, disclosure: dict, confidence: float
) -> tuple[pd.DataFrame, str]:
    threshold = disclosure["threshold"]
    known = {"patients": published_counts(pd.read_csv(flow), "patients")}
    shown = publishable_moderators(pd.read_parquet(effects), threshold, pd.read_csv(sample), known)
    html = moderators_table(
        shown, threshold=threshold, confidence=confidence, simulated=study["simulated"]
    )
    return shown, html


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        effects, html = publish(
            **dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
        )
        effects.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
