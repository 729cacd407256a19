"""Figure: immortal time in single courses, and what it does to estimates, in a simulated world."""

from pathlib import Path

import pandas as pd

from rupture_outcome.figures.immortal_time import TITLE, alt_text, immortal_time_figure
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        effects = pd.read_csv(snakemake.input.effects)
        courses = pd.read_csv(snakemake.input.courses)
        fig = immortal_time_figure(effects, courses)
        stem = Path(snakemake.output.svg).with_suffix("")
        save_figure(fig, stem, TITLE, alt_text(effects, courses))
