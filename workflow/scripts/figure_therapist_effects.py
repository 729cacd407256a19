"""Figure: therapists in order of their chances of rupture, repair and dropout."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.therapist_effects import TITLE, alt_text, caterpillar
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(effects: str, variances: str, relation: str, settings: dict, stem: Path) -> None:
    frames = [pd.read_csv(path) for path in (effects, variances, relation)]
    fig = caterpillar(
        *frames,
        threshold=settings["disclosure"]["threshold"],
        confidence=settings["confidence"],
        simulated=settings["study"]["simulated"],
    )
    save_figure(fig, stem, TITLE, alt_text(*frames))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            **dict(snakemake.input.items()),
            settings=dict(snakemake.params.items()),
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
