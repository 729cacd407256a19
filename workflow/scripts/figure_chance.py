"""Figure: ruptures found under every definition, against those expected by chance."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.chance import alt_text, chance_figure
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(prevalence: str, study: dict, disclosure: dict, confidence: float, stem: Path) -> None:
    table = pd.read_csv(prevalence)
    fig = chance_figure(
        table,
        threshold=disclosure["threshold"],
        confidence=confidence,
        simulated=study["simulated"],
    )
    save_figure(fig, stem, "Ruptures found, and expected by chance", alt_text(table))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.prevalence,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
