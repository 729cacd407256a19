"""Figure: from rupture marker to strategy to resolution."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.strategies import alt_text, strategy_figure
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(strategies: str, study: dict, disclosure: dict, stem: Path) -> None:
    table = pd.read_csv(strategies)
    fig = strategy_figure(
        table,
        threshold=disclosure["threshold"],
        simulated=study["simulated"],
    )
    save_figure(fig, stem, "Markers, strategies and resolution", alt_text(table))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.strategies,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
