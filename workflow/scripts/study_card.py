"""Say what the study is, in the few facts that notebooks and report quote."""

import json
from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.products.study_card import study_card
from rupture_outcome.products.tables import read_table


def describe(config: dict, results: Path, person_sessions: str) -> str:
    card = study_card(config, read_table(results, "flow"), pd.read_parquet(person_sessions))
    return json.dumps(card, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        text = describe(
            snakemake.params.config,
            Path(snakemake.output.card).parent,
            snakemake.input.person_sessions,
        )
        Path(snakemake.output.card).write_text(text, encoding="utf-8")
