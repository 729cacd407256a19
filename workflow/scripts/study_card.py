"""Say what the study is, in the few facts that notebooks and report quote."""

from pathlib import Path

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.products.study_card import study_card
from rupture_outcome.products.tables import read_table
from rupture_outcome.study.writing import write_json

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        card = study_card(
            snakemake.params.config,
            read_table(Path(snakemake.output.card).parent, "flow"),
            pd.read_parquet(snakemake.input.person_sessions, columns=["therapist_id"]),
            snakemake.params.truth,
        )
        write_json(card, snakemake.output.card)
