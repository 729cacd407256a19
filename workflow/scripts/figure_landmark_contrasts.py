"""Figure: repaired against unrepaired ruptures from landmarks, with Gray's test."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.landmark_contrasts import alt_text, contrasts_figure
from rupture_outcome.look.style import save_figure
from rupture_outcome.look.words import name
from rupture_outcome.pipeline.logs import logged


def draw(contrasts: str, settings: dict, stem: Path) -> None:
    table, primary = pd.read_csv(contrasts), settings["primary"]
    unit = name("clock_unit", settings["clock"])
    fig = contrasts_figure(
        table,
        primary,
        unit=unit,
        confidence=settings["confidence"],
        simulated=settings["study"]["simulated"],
    )
    title = "Repaired against unrepaired ruptures from landmarks"
    save_figure(fig, stem, title, alt_text(table, primary, unit))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.contrasts,
            settings=dict(snakemake.params.items()),
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
