"""Tables: sensitivity analyses, and the weights of the marginal structural hazard."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.sensitivity import publishable_diagnostics, publishable_sensitivity
from rupture_outcome.publishable.suppress import published_counts
from rupture_outcome.tables.sensitivity import sensitivity_table
from rupture_outcome.tables.weight_diagnostics import diagnostics_page


def publish(
    inputs: dict[str, str], study: dict, disclosure: dict, confidence: float, link: str
) -> dict[str, tuple[pd.DataFrame, str]]:
    shown = {"threshold": disclosure["threshold"], "simulated": study["simulated"]}
    known = known_counts(inputs["flow"], inputs["dropout_effects"])
    threshold = disclosure["threshold"]
    effects = publishable_sensitivity(pd.read_parquet(inputs["effects"]), threshold, known)
    weights = publishable_diagnostics(pd.read_parquet(inputs["diagnostics"]), threshold, known)
    html = sensitivity_table(effects, link=link, confidence=confidence, **shown)
    return {
        "sensitivity": (effects, html),
        "weight_diagnostics": (weights, diagnostics_page(weights, **shown)),
    }


def known_counts(flow: str, dropout_effects: str) -> dict[str, list[int]]:
    frames = [pd.read_csv(flow), pd.read_csv(dropout_effects)]
    columns = ("patients", "sessions", "events")
    return {c: [n for f in frames if c in f for n in published_counts(f, c)] for c in columns}


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        pages = publish(
            dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
            link=snakemake.params.link,
        )
        for name, (frame, html) in pages.items():
            frame.to_csv(snakemake.output[f"{name}_csv"], index=False)
            Path(snakemake.output[f"{name}_html"]).write_text(html, encoding="utf-8")
