"""Figure: alliance around the first rupture, under every definition."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.onset_courses import alt_text, onset_courses, onset_figure
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(sessions: str, episodes: str, primary: dict, settings: dict, stem: Path) -> None:
    publish = {
        "threshold": settings["disclosure"]["threshold"],
        "confidence": settings["confidence"],
    }
    means = onset_courses(
        pd.read_parquet(sessions), pd.read_parquet(episodes), primary["repair_rule"], **publish
    )
    fig = onset_figure(means, primary, **publish, simulated=settings["study"]["simulated"])
    alt = alt_text(means, primary, publish["threshold"])
    save_figure(fig, stem, "Alliance around the first rupture", alt)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.sessions,
            snakemake.input.episodes,
            primary=snakemake.params.primary,
            settings=dict(snakemake.params.items()),
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
