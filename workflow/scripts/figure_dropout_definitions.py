"""Figure: definitions of dropout, their overlap, and the effect of repair under each of them."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.dropout_definitions import TITLE, alt_text, overview
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(
    tables: dict[str, str],
    chosen: str,
    study: dict,
    disclosure: dict,
    confidence: float,
    stem: Path,
) -> None:
    frames = {name: pd.read_csv(file) for name, file in tables.items()}
    fig = overview(
        **frames,
        chosen=chosen,
        threshold=disclosure["threshold"],
        confidence=confidence,
        simulated=study["simulated"],
    )
    save_figure(fig, stem, TITLE, alt_text(**frames))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            dict(snakemake.input.items()),
            chosen=snakemake.params.dropout["definition"],
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
