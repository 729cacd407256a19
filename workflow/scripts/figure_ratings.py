"""Figure: what was rated at which session, and how much of it at the best possible score."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.ratings import (
    alt_text,
    at_best,
    best_scores,
    completeness,
    rating_figure,
)
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(sessions: str, instruments: dict, study: dict, disclosure: dict, stem: Path) -> None:
    threshold = disclosure["threshold"]
    scored = pd.read_parquet(sessions)
    complete = completeness(scored, threshold)
    best = at_best(scored, best_scores(instruments), threshold)
    fig = rating_figure(complete, best, threshold=threshold, simulated=study["simulated"])
    save_figure(fig, stem, "What was rated", alt_text(complete, best))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.sessions,
            instruments=snakemake.params.instruments,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
