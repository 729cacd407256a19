"""Figure: one page of a selected case, with ratings, limits and codes under every definition."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.alliance_courses import alliance_scale
from rupture_outcome.figures.cases import alt_text, case_figure
from rupture_outcome.figures.style import save_figure
from rupture_outcome.logs import logged


def draw(cases: str, number: int, instruments: dict, study: dict, stem: Path) -> None:
    table = pd.read_parquet(cases)
    fig = case_figure(
        table, number, scale=alliance_scale(instruments), simulated=study["simulated"]
    )
    save_figure(fig, stem, f"Case {number} under every definition", alt_text(table, number))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.cases,
            number=int(snakemake.wildcards.n),
            instruments=snakemake.params.instruments,
            study=snakemake.params.study,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
