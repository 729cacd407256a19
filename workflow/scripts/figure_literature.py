"""Figure: this study's effects of repair beside published ones."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.literature import TITLE, alt_text, literature_figure
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(literature: str, study: dict, stem: Path) -> None:
    rows = pd.read_csv(literature)
    fig = literature_figure(rows, simulated=study["simulated"])
    save_figure(fig, stem, TITLE, alt_text(rows))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.literature,
            study=snakemake.params.study,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
