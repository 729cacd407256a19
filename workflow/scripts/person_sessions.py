"""Build the risk set: a row a patient and session at which the treatment might end."""

import pandas as pd

from rupture_outcome.cohort.dropout_rules import DropoutLimits
from rupture_outcome.cohort.risk_set import SESSIONS, VERDICTS, person_sessions
from rupture_outcome.cohort.specifications import prospective_filter
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_parquet, write_csv, write_parquet


def build(
    tables: dict[str, str],
    coding: dict,
    clock: str,
    dropout: dict,
    instruments: dict,
    covariates: list[str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    chosen = prospective_filter(coding)
    return person_sessions(
        read_parquet(tables["sessions"], SESSIONS),
        pd.read_parquet(tables["patients"]),
        pd.read_parquet(tables["endings"]),
        states=read_parquet(tables["states"], filters=chosen),
        ruptures=read_parquet(tables["ruptures"], VERDICTS, chosen),
        dropout_definition=dropout["definition"],
        clock=clock,
        covariates=covariates,
        limits=DropoutLimits.from_config(dropout),
        instruments=instruments,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        rows, flow = build(
            tables=dict(snakemake.input.items()),
            coding=snakemake.params.coding,
            clock=snakemake.params.clock,
            dropout=snakemake.params.dropout,
            instruments=snakemake.params.instruments,
            covariates=snakemake.params.covariates,
        )
        write_parquet(rows, snakemake.output.person_sessions)
        write_csv(flow, snakemake.output.flow)
        print("built under every prospective definition and repair rule")
