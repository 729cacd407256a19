"""Tables: what comparisons find in a simulated world, and which sessions they misplace."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.tables.immortal_time import person_time_table, ratios_table

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        effects = pd.read_parquet(snakemake.input.effects)
        times = pd.read_parquet(snakemake.input.times)
        html = ratios_table(effects, confidence=snakemake.params.confidence)
        effects.to_csv(snakemake.output.effects_csv, index=False)
        Path(snakemake.output.effects_html).write_text(html, encoding="utf-8")
        times.to_csv(snakemake.output.times_csv, index=False)
        Path(snakemake.output.times_html).write_text(person_time_table(times), encoding="utf-8")
        courses = pd.read_parquet(snakemake.input.courses)
        courses.to_csv(snakemake.output.courses_csv, index=False)
