"""Figure: flow diagram of persons and sessions."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.flow import alt_text, flow_diagram
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(flow: str, study: dict, disclosure: dict, stem: Path) -> None:
    steps = pd.read_csv(flow)
    fig = flow_diagram(steps, threshold=disclosure["threshold"], simulated=study["simulated"])
    save_figure(fig, stem, "Flow of persons and sessions", alt_text(steps))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.flow,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
