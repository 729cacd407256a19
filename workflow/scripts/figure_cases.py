"""Figures: a page of each selected case, with ratings, limits and codes under every definition."""

from pathlib import Path

import pandas as pd

from rupture_outcome.coding.scales import instrument_of
from rupture_outcome.figures.cases import alt_text, case_figure
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(cases: str, instruments: dict, study: dict, pages: list[str]) -> None:
    table = pd.read_parquet(cases)
    scale = instrument_of("alliance_patient", instruments).range
    for number, page in enumerate(pages, 1):
        fig = case_figure(table, number, scale=scale, simulated=study["simulated"])
        title = f"Case {number} under every definition"
        save_figure(fig, Path(page).with_suffix(""), title, alt_text(table, number))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.cases,
            instruments=snakemake.params.instruments,
            study=snakemake.params.study,
            pages=snakemake.output.svg,
        )
