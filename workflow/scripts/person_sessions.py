"""Build the risk set: a row a patient and session at which the treatment might end."""

import pandas as pd

from rupture_outcome.logs import logged
from rupture_outcome.models.risk_set import person_sessions


def build(tables: dict[str, str], clock: str, dropout: dict, covariates: list[str]) -> tuple:
    return person_sessions(
        **{name: pd.read_parquet(file) for name, file in tables.items()},
        dropout_definition=dropout["definition"],
        clock=clock,
        covariates=covariates,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        rows, flow = build(
            tables=dict(snakemake.input.items()),
            clock=snakemake.params.clock,
            dropout=snakemake.params.dropout,
            covariates=snakemake.params.covariates,
        )
        rows.to_parquet(snakemake.output.person_sessions, index=False)
        flow.to_csv(snakemake.output.flow, index=False)
        print(f"{len(rows)} rows")
