"""Say what the study is, in the few facts that notebooks and report quote."""

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.products.study_card import study_card
from rupture_outcome.study.writing import read_csv, write_json


def describe(config: dict, flow: str, person_sessions: str) -> dict:
    return study_card(
        config, read_csv(flow), pd.read_parquet(person_sessions, columns=["therapist_id"])
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        card = describe(snakemake.params.config, **dict(snakemake.input.items()))
        write_json(card, snakemake.output.card)
