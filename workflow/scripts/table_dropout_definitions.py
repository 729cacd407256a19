"""Tables: definitions of dropout, their overlap, and the effects under each of them."""

from pathlib import Path

import pandas as pd

from rupture_outcome.cohort.dropout_rules import DropoutLimits
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.dropout import (
    publishable_dropout_pairs,
    publishable_dropout_patterns,
    publishable_dropout_rates,
)
from rupture_outcome.publishable.suppress import publishable_effects, published_counts
from rupture_outcome.tables.dropout_definition_effects import definition_effects_table
from rupture_outcome.tables.dropout_definitions import (
    definitions_table,
    overlap_table,
    patterns_table,
)


def publish(
    files: dict[str, str], study: dict, disclosure: dict, confidence: float, dropout: dict
) -> dict[str, tuple[pd.DataFrame, str]]:
    raw = {name: pd.read_parquet(files[name]) for name in ("rates", "pairs", "patterns", "effects")}
    threshold = disclosure["threshold"]
    known = {"patients": published_counts(pd.read_csv(files["flow"]), "patients")}
    rates = publishable_dropout_rates(raw["rates"], threshold, raw["pairs"], known)
    pairs = publishable_dropout_pairs(raw["pairs"], threshold, rates, known)
    patterns = publishable_dropout_patterns(raw["patterns"], threshold, rates)
    # Whom a definition finds and a model leaves out, for want of a covariate, are few as a rule.
    known["events"] = published_counts(rates, "events")
    effects = publishable_effects(raw["effects"], threshold, None, known)
    look = {"threshold": threshold, "simulated": study["simulated"]}
    level = {"confidence": confidence}
    limits = DropoutLimits.from_config(dropout)
    chosen = dropout["definition"]
    return {
        "definitions": (rates, definitions_table(rates, limits=limits, **level, **look)),
        "overlap": (pairs, overlap_table(pairs, **level, **look)),
        "patterns": (patterns, patterns_table(patterns, **look)),
        "effects": (effects, definition_effects_table(effects, chosen, **level, **look)),
    }


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tables = publish(
            dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
            dropout=snakemake.params.dropout,
        )
        for table, (frame, html) in tables.items():
            frame.to_csv(snakemake.output[table], index=False)
            Path(snakemake.output[f"{table}_html"]).write_text(html, encoding="utf-8")
