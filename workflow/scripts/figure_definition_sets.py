"""Figure: which definitions find the same sessions (UpSet)."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.definition_sets import alt_text, upset
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(sets: str, study: dict, disclosure: dict, stem: Path) -> None:
    table = pd.read_csv(sets)
    fig = upset(
        table,
        threshold=disclosure["threshold"],
        simulated=study["simulated"],
    )
    save_figure(fig, stem, "Which definitions find the same sessions", alt_text(table))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.input.sets,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
