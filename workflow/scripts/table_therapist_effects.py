"""Tables: how much therapists differ, how repair and dropout relate, therapists in order."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.suppress import published_counts
from rupture_outcome.publishable.therapists import (
    publishable_therapist_table,
    publishable_therapists,
    shown_therapists,
)
from rupture_outcome.tables.therapist_effects import (
    relation_table,
    therapists_table,
    variances_table,
)


def publish(
    effects: str,
    variances: str,
    relation: str,
    flow: str,
    study: dict,
    disclosure: dict,
    confidence: float,
) -> dict[str, tuple[pd.DataFrame, str]]:
    threshold = disclosure["threshold"]
    full = study["simulated"] or disclosure["full_curves"]
    look = {"threshold": threshold, "confidence": confidence, "simulated": study["simulated"]}
    single = publishable_therapists(pd.read_parquet(effects), threshold, full=full)
    known = {
        "therapists": shown_therapists(single),
        "patients": published_counts(pd.read_csv(flow), "patients"),
    }
    spread = publishable_therapist_table(pd.read_parquet(variances), threshold, known)
    for count in ("therapists", "patients", "events"):
        known[count] = [*known.get(count, []), *published_counts(spread, count)]
    related = publishable_therapist_table(pd.read_parquet(relation), threshold, known)
    return {
        "effects": (single, therapists_table(single, full=full, **look)),
        "variances": (spread, variances_table(spread, **look)),
        "relation": (related, relation_table(related, **look)),
    }


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tables = publish(
            **dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
        )
        for name, (frame, html) in tables.items():
            frame.to_csv(snakemake.output[name], index=False)
            Path(snakemake.output[f"{name}_html"]).write_text(html, encoding="utf-8")
