"""Figure: heat map of agreement between definitions of rupture."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.definition_heatmap import alt_text, heatmap
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(agreement: str, study: dict, disclosure: dict, confidence: float, stem: Path) -> None:
    table = pd.read_csv(agreement)
    fig = heatmap(
        table,
        threshold=disclosure["threshold"],
        confidence=confidence,
        simulated=study["simulated"],
    )
    save_figure(fig, stem, "Agreement between definitions of rupture", alt_text(table))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.agreement,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
