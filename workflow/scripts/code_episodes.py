"""Code episodes, their repair under every rule, and each session's state."""

import pandas as pd

from rupture_outcome.coding.episodes import code_episodes
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_parquet


def code(tables: dict[str, str], instruments: dict, coding: dict, out: dict[str, str]) -> None:
    frames = {name: pd.read_parquet(file) for name, file in tables.items()}
    episodes, states = code_episodes(**frames, instruments=instruments, coding=coding)
    write_parquet(episodes, out["episodes"])
    write_parquet(states, out["states"])
    print(f"{len(coding['definitions'])} definitions, {len(coding['repair_rules'])} repair rules")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        code(
            tables=dict(snakemake.input.items()),
            instruments=snakemake.params.instruments,
            coding=snakemake.params.coding,
            out=dict(snakemake.output.items()),
        )
