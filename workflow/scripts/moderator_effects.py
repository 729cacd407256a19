"""Fit the multilevel hazard of dropout with the effect of the state differing by moderator."""

import pandas as pd

from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.moderators.levels import RuptureSources, moderators_of, units_of
from rupture_outcome.estimates.moderators.moderator_effects import moderator_effects
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_json, write_parquet


def fit(
    tables: dict[str, str], models: dict, dropout: dict, primary: dict
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
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        effects, fits = fit(
            dict(snakemake.input.items()),
            models=snakemake.params.models,
            dropout=snakemake.params.dropout,
            primary=snakemake.params.primary,
        )
        write_parquet(effects, snakemake.output.effects)
        write_json(fits, snakemake.output.fits)
        print(f"{len(fits)} fits, {sum(not fit['converged'] for fit in fits)} did not converge")
