"""Code ruptures under every definition of the config."""

import pandas as pd

from rupture_outcome.coding.detect import code_ruptures
from rupture_outcome.pipeline.logs import logged


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
    ruptures.to_parquet(out["ruptures"], index=False)
    scales.to_csv(out["scales"], index=False)
    print(ruptures.groupby("definition", observed=True)["verdict"].value_counts().to_string())
    print(scales.to_string(index=False))


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
