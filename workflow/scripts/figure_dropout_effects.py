"""Figure: forest of effects on dropout by definition, with the naive estimate shown as biased."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.dropout_effects import alt_text, forest
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(
    effects: str, primary: dict, study: dict, disclosure: dict, confidence: float, stem: Path
) -> None:
    table = pd.read_csv(effects)
    fig = forest(
        table,
        primary,
        threshold=disclosure["threshold"],
        confidence=confidence,
        simulated=study["simulated"],
    )
    save_figure(fig, stem, "Ruptures, repair and dropout, by definition", alt_text(table, primary))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.effects,
            primary=snakemake.params.primary,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
