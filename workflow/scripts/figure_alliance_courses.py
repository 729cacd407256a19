"""Figure: alliance courses with coded ruptures and repairs."""

from pathlib import Path

import pandas as pd

from rupture_outcome.coding.scales import instrument_of
from rupture_outcome.figures.alliance_courses import alliance_courses
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged


def draw(tables: dict[str, str], primary: dict, settings: dict, stem: Path) -> None:
    instrument = instrument_of("alliance_patient", settings["instruments"])
    fig, alt = alliance_courses(
        {name: pd.read_parquet(file) for name, file in tables.items()},
        primary,
        scale=instrument.range,
        individual=settings["disclosure"]["individual_courses"],
        threshold=settings["disclosure"]["threshold"],
        confidence=settings["confidence"],
        simulated=settings["study"]["simulated"],
    )
    save_figure(fig, stem, "Alliance courses with ruptures and repairs", alt)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            tables=dict(snakemake.input.items()),
            primary=snakemake.params.primary,
            settings=dict(snakemake.params.items()),
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
