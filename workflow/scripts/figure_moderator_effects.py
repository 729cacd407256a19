"""Figure: forest of the effect of repair on dropout by subgroup."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.moderator_effects import TITLE, alt_text, subgroup_forest
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(effects: str, study: dict, disclosure: dict, confidence: float, stem: Path) -> None:
    table = pd.read_csv(effects)
    fig = subgroup_forest(
        table,
        threshold=disclosure["threshold"],
        confidence=confidence,
        simulated=study["simulated"],
    )
    save_figure(fig, stem, TITLE, alt_text(table))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.effects,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
