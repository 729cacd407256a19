"""Figures: state occupancy with bands, and dropout if more ruptures were repaired."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures import repair_what_if, state_occupancy
from rupture_outcome.look.style import save_figure
from rupture_outcome.look.words import name
from rupture_outcome.pipeline.logs import logged


def draw(occupancy: str, what_if: str, settings: dict, stems: tuple[Path, Path]) -> None:
    states, scenarios = pd.read_csv(occupancy), pd.read_csv(what_if)
    clock = name("clock", settings["clock"])
    simulated, confidence = settings["study"]["simulated"], settings["confidence"]
    fig = state_occupancy.occupancy_figure(
        states,
        clock=clock,
        threshold=settings["disclosure"]["threshold"],
        confidence=confidence,
        simulated=simulated,
    )
    save_figure(fig, stems[0], state_occupancy.TITLE, state_occupancy.alt_text(states))
    fig = repair_what_if.what_if_figure(
        scenarios, clock=clock, confidence=confidence, simulated=simulated
    )
    save_figure(fig, stems[1], repair_what_if.TITLE, repair_what_if.alt_text(scenarios))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.occupancy,
            snakemake.input.what_if,
            settings=dict(snakemake.params.items()),
            stems=(
                Path(snakemake.output.svg).with_suffix(""),
                Path(snakemake.output.what_if_svg).with_suffix(""),
            ),
        )
