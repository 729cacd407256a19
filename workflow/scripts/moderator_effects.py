"""Fit the multilevel hazard of dropout with the effect of the state differing by moderator."""

import pandas as pd

from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.primary_hazard import PrimaryHazard
from rupture_outcome.estimates.moderators.levels import RuptureSources, moderators_of, units_of
from rupture_outcome.estimates.moderators.moderator_effects import moderator_effects
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_json, write_json, write_parquet


def fit(
    tables: dict[str, str], primary_hazard: str, models: dict, dropout: dict, primary: dict
) -> tuple[pd.DataFrame, list[dict]]:
    rows = pd.read_parquet(tables["person_sessions"], filters=primary_filter(primary))
    others = [name for name in tables if name != "person_sessions"]
    frames = {name: pd.read_parquet(tables[name]) for name in others}
    patients = frames.pop("patients")
    found = moderators_of(
        rows, models["moderators"], patients, RuptureSources(**frames), models["min_testable"]
    )
    return moderator_effects(
        rows,
        found,
        units_of(rows, patients),
        (primary["definition"], primary["repair_rule"]),
        dropout["definition"],
        HazardSettings.from_config(models),
        PrimaryHazard(**read_json(primary_hazard)),
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        tables = dict(snakemake.input.items())
        primary_hazard = tables.pop("primary_hazard")
        effects, fits = fit(
            tables,
            primary_hazard,
            models=snakemake.params.models,
            dropout=snakemake.params.dropout,
            primary=snakemake.params.primary,
        )
        write_parquet(effects, snakemake.output.effects)
        write_json(fits, snakemake.output.fits)
        print(f"{len(fits)} fits, {sum(not fit['converged'] for fit in fits)} did not converge")
