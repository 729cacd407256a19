"""Say what the study is, in the few facts that notebooks and report quote."""

import json
from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.products.study_card import study_card


def describe(config: dict, flow: str, person_sessions: str) -> str:
    card = study_card(config, pd.read_csv(flow), pd.read_parquet(person_sessions))
    return json.dumps(card, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        text = describe(snakemake.params.config, **dict(snakemake.input.items()))
        Path(snakemake.output.card).write_text(text, encoding="utf-8")
