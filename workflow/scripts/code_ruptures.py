"""Code ruptures under every definition of the config."""

import pandas as pd

from rupture_outcome.coding.detect import code_ruptures
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_csv, write_parquet


def code(
    sessions: str,
    ratings: str,
    markers: str,
    instruments: dict,
    coding: dict,
    out: dict[str, str],
) -> None:
    ruptures, scales = code_ruptures(
        pd.read_parquet(sessions),
        pd.read_parquet(ratings),
        instruments,
        coding,
        markers=pd.read_parquet(markers),
    )
    write_parquet(ruptures, out["ruptures"])
    write_csv(scales, out["scales"])
    print(f"{len(coding['definitions'])} definitions")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        code(
            sessions=snakemake.input.sessions,
            ratings=snakemake.input.ratings,
            markers=snakemake.input.markers,
            instruments=snakemake.params.instruments,
            coding=snakemake.params.coding,
            out=dict(snakemake.output.items()),
        )
