"""Figure: how far the effect of repair could move under other suppositions."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.sensitivity import NOTHING, TITLE, alt_text, sensitivity_figure
from rupture_outcome.look.notice import notice
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(effects: str, study: dict, confidence: float, link: str, stem: Path) -> None:
    shown = pd.read_csv(effects)
    alt = alt_text(shown, link)
    if alt == NOTHING:
        fig = notice(TITLE, NOTHING, simulated=study["simulated"])
    else:
        simulated = study["simulated"]
        fig = sensitivity_figure(shown, link=link, confidence=confidence, simulated=simulated)
    save_figure(fig, stem, TITLE, alt)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.effects,
            study=snakemake.params.study,
            confidence=snakemake.params.confidence,
            link=snakemake.params.link,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
