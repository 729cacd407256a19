"""Tables: the hazard under other models, and predicted hazards by state."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.hazards import COUNTS, publishable_hazards
from rupture_outcome.publishable.suppress import published_counts
from rupture_outcome.tables.hazard_models import margins_table, models_table


def publish(
    models: str,
    margins: str,
    flow: str,
    effects: str,
    primary: dict,
    study: dict,
    disclosure: dict,
    confidence: float,
) -> dict[str, tuple[pd.DataFrame, str]]:
    threshold = disclosure["threshold"]
    before = pd.read_csv(effects)
    known = {column: published_counts(before, column) for column in COUNTS}
    known["patients"] += published_counts(pd.read_csv(flow), "patients")
    look = {"confidence": confidence, "simulated": study["simulated"]}
    shown = publishable_hazards(pd.read_parquet(models), threshold, known)
    predicted = publishable_hazards(pd.read_parquet(margins), threshold, known)
    return {
        "models": (shown, models_table(shown, primary, threshold=threshold, **look)),
        "margins": (predicted, margins_table(predicted, primary, **look)),
    }


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tables = publish(
            **dict(snakemake.input.items()),
            primary=snakemake.params.primary,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
        )
        for table, (frame, html) in tables.items():
            frame.to_csv(snakemake.output[f"{table}_csv"], index=False)
            Path(snakemake.output[f"{table}_html"]).write_text(html, encoding="utf-8")
