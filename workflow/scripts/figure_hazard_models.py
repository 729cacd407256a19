"""Figure: repair and dropout under other models, and the predicted chance of dropout by session."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.hazard_models import alt_text, hazard_figure
from rupture_outcome.look.style import save_figure
from rupture_outcome.look.words import name
from rupture_outcome.pipeline.logs import logged


def draw(models: str, margins: str, primary: dict, settings: dict, stem: Path) -> None:
    effects, predicted = pd.read_csv(models), pd.read_csv(margins)
    fig = hazard_figure(
        effects,
        predicted,
        primary,
        clock=name("clock", settings["clock"]),
        threshold=settings["disclosure"]["threshold"],
        confidence=settings["confidence"],
        simulated=settings["study"]["simulated"],
    )
    save_figure(fig, stem, "Repair and dropout under other models", alt_text(effects, predicted))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.models,
            snakemake.input.margins,
            primary=snakemake.params.primary,
            settings=dict(snakemake.params.items()),
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
