"""Compare the definitions of dropout: whom each finds, and the effects under each of them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from rupture_outcome.cohort.dropout_rules import DropoutLimits
from rupture_outcome.cohort.treatment_endings import treatment_endings
from rupture_outcome.estimates.dropout.dropout_definition_effects import dropout_definition_effects
from rupture_outcome.estimates.dropout.dropout_overlap import DropoutOverlap, dropout_overlap
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.pipeline.logs import logged


def compare(
    tables: dict[str, str],
    primary: dict,
    clock: str,
    dropout: dict,
    models: dict,
    instruments: dict,
    seed: int,
) -> tuple[DropoutOverlap, pd.DataFrame, list[dict]]:
    frames = {name: pd.read_parquet(file) for name, file in tables.items()}
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
        frames, primary, settings, clock=clock, limits=limits, instruments=instruments
    )
    return overlap, effects, fits


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        overlap, effects, fits = compare(
            tables=dict(snakemake.input.items()),
            primary=snakemake.params.primary,
            clock=snakemake.params.clock,
            dropout=snakemake.params.dropout,
            models=snakemake.params.models,
            instruments=snakemake.params.instruments,
            seed=snakemake.params.seed,
        )
        overlap.rates.to_parquet(snakemake.output.rates, index=False)
        overlap.pairs.to_parquet(snakemake.output.overlap, index=False)
        overlap.patterns.to_parquet(snakemake.output.patterns, index=False)
        effects.to_parquet(snakemake.output.effects, index=False)
        text = json.dumps(fits, indent=1, ensure_ascii=False)
        Path(snakemake.output.fits).write_text(text + "\n", encoding="utf-8")
        print(f"{len(overlap.rates)} definitions of dropout")
