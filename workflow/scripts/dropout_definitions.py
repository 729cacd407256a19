"""Compare the definitions of dropout: whom each finds, and the effects under each of them."""

import numpy as np
import pandas as pd

from rupture_outcome.cohort.dropout_rules import DropoutLimits
from rupture_outcome.cohort.risk_set import SESSIONS, VERDICTS
from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.cohort.treatment_endings import treatment_endings
from rupture_outcome.estimates.dropout.dropout_definition_effects import dropout_definition_effects
from rupture_outcome.estimates.dropout.dropout_overlap import DropoutOverlap, dropout_overlap
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_json, read_parquet, write_json, write_parquet


def compare(
    tables: dict[str, str],
    primary_hazard: str,
    primary: dict,
    clock: str,
    dropout: dict,
    models: dict,
    instruments: dict,
    seed: int,
) -> tuple[DropoutOverlap, pd.DataFrame, list[dict]]:
    chosen = primary_filter(primary)
    frames = {
        "sessions": read_parquet(tables["sessions"], SESSIONS),
        "patients": pd.read_parquet(tables["patients"]),
        "endings": pd.read_parquet(tables["endings"]),
        "states": read_parquet(tables["states"], filters=chosen),
        "ruptures": read_parquet(tables["ruptures"], VERDICTS, chosen[:1]),
    }
    limits = DropoutLimits.from_config(dropout)
    treatments = treatment_endings(
        frames["sessions"], frames["patients"], frames["endings"], instruments
    )
    overlap = dropout_overlap(
        treatments,
        rng=np.random.default_rng(seed),
        limits=limits,
        confidence=models["confidence"],
    )
    settings = HazardSettings.from_config(models)
    effects, fits = dropout_definition_effects(
        frames,
        primary,
        settings,
        clock=clock,
        limits=limits,
        instruments=instruments,
        primary_fit=PrimaryHazard(**read_json(primary_hazard)),
    )
    return overlap, effects, fits


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tables = dict(snakemake.input.items())
        primary_hazard = tables.pop("primary_hazard")
        overlap, effects, fits = compare(
            tables,
            primary_hazard,
            primary=snakemake.params.primary,
            clock=snakemake.params.clock,
            dropout=snakemake.params.dropout,
            models=snakemake.params.models,
            instruments=snakemake.params.instruments,
            seed=snakemake.params.seed,
        )
        write_parquet(overlap.rates, snakemake.output.rates)
        write_parquet(overlap.pairs, snakemake.output.overlap)
        write_parquet(overlap.patterns, snakemake.output.patterns)
        write_parquet(effects, snakemake.output.effects)
        write_json(fits, snakemake.output.fits)
        print(f"{len(overlap.rates)} definitions of dropout")
