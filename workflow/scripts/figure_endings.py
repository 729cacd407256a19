"""Figure: how and when treatments ended."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.endings import alt_text, ending_curves, ending_figure
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(
    sessions: str, endings: str, study: dict, disclosure: dict, confidence: float, stem: Path
) -> None:
    threshold = disclosure["threshold"]
    curves = ending_curves(
        pd.read_parquet(sessions),
        pd.read_parquet(endings),
        threshold,
        confidence,
        full=study["simulated"] or disclosure["full_curves"],
    )
    fig = ending_figure(
        curves, threshold=threshold, confidence=confidence, simulated=study["simulated"]
    )
    save_figure(fig, stem, "How and when treatments ended", alt_text(curves))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            **dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            confidence=snakemake.params.confidence,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
