"""Tables: state occupancy, transitions, time in states, and what if of repair."""

from pathlib import Path
from typing import Any

import pandas as pd

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.curves import publishable_incidence
from rupture_outcome.publishable.states import landmark_counts, publishable_occupancy
from rupture_outcome.publishable.transitions import (
    publishable_hazards,
    publishable_times,
    publishable_what_if,
)
from rupture_outcome.tables.state_occupancy import occupancy_table, probability_table
from rupture_outcome.tables.state_transitions import hazard_table, time_table, what_if_table

TABLES = (
    ("state_occupancy", occupancy_table),
    ("transition_probabilities", probability_table),
    ("transition_hazards", hazard_table),
    ("time_in_state", time_table),
    ("repair_what_if", what_if_table),
)


def publish(
    files: dict[str, str], primary: dict, study: dict, disclosure: dict
) -> dict[str, pd.DataFrame]:
    threshold = disclosure["threshold"]
    full = study["simulated"] or disclosure["full_curves"]
    raw = {name: pd.read_parquet(file) for name, file in files.items()}
    landmarks = publishable_incidence(raw["incidence"], threshold, full=full)
    occupancy = publishable_occupancy(
        raw["state_occupancy"], threshold, full=full, published=landmark_counts(landmarks, primary)
    )
    patients = int(raw["state_occupancy"]["at_risk"].iloc[0])
    return {
        "state_occupancy": occupancy,
        "transition_probabilities": publishable_occupancy(
            raw["transition_probabilities"], threshold, full=full
        ),
        "transition_hazards": publishable_hazards(raw["transition_hazards"], threshold, full=full),
        "time_in_state": publishable_times(raw["time_in_state"], patients, threshold),
        "repair_what_if": publishable_what_if(raw["repair_what_if"], occupancy, threshold),
    }


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        shown = publish(
            dict(snakemake.input.items()),
            primary=snakemake.params.primary,
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
        )
        look: dict[str, Any] = {
            "confidence": snakemake.params.confidence,
            "simulated": snakemake.params.study["simulated"],
        }
        few = {"threshold": snakemake.params.disclosure["threshold"]}
        for name, table in TABLES:
            shown[name].to_csv(snakemake.output[f"{name}_csv"], index=False)
            html = table(shown[name], **look, **({} if name == "repair_what_if" else few))
            Path(snakemake.output[f"{name}_html"]).write_text(html, encoding="utf-8")
