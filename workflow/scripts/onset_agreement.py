"""Which ruptures two definitions both see, if not always in the same session."""

import pandas as pd

from rupture_outcome.estimates.agreement.event_matching import onset_agreement
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_parquet


def compare(episodes: str, ruptures: str, primary: dict) -> pd.DataFrame:
    followed = pd.read_parquet(episodes)
    onsets = followed[followed["repair_rule"] == primary["repair_rule"]]
    return onset_agreement(onsets, pd.read_parquet(ruptures))


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        table = compare(**dict(snakemake.input.items()), primary=snakemake.params.primary)
        write_parquet(table, snakemake.output.agreement)
        print(f"{len(table)} pairs of definitions")
