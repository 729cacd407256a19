"""Figure: cumulative incidence from landmarks by state, with numbers at risk."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.cumulative_incidence import alt_text, incidence_curves
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(incidence: str, primary: dict, settings: dict, stem: Path) -> None:
    curves = pd.read_csv(incidence)
    fig = incidence_curves(
        curves,
        primary,
        clock=settings["clock"],
        threshold=settings["disclosure"]["threshold"],
        confidence=settings["confidence"],
        simulated=settings["study"]["simulated"],
    )
    title = "Cumulative incidence of dropout from landmarks"
    save_figure(fig, stem, title, alt_text(curves, primary, settings["clock"]))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.incidence,
            primary=snakemake.params.primary,
            settings=dict(snakemake.params.items()),
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
