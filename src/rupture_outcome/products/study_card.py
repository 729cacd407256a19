"""What a study is, in a few facts that notebooks and report quote."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rupture_outcome.disclosure import rounded
from rupture_outcome.look.look import Look


def study_card(
    config: Mapping[str, Any],
    flow: pd.DataFrame,
    person_sessions: pd.DataFrame,
    truth: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """Facts about a study and the choices made for it, as written to `study.json`.

    Numbers of patients and sessions are taken from the published flow.

    Parameters
    ----------
    config : mapping
        The complete config.
    flow : DataFrame
        `flow.csv` as published.
    person_sessions : DataFrame
        The person-sessions of the models, for the number of therapists.
    truth : mapping, optional
        True effects of a simulated study, see `rupture_outcome.study.truth`.

    Returns
    -------
    dict
        JSON-ready; holds no path and no identifier. A small count is minus the threshold.
    """
    coding = config["coding"]
    look = Look.of(config)
    return {
        "name": config["study"]["name"],
        "title": config["study"]["title"],
        "simulated": config["study"]["simulated"],
        "accepted": config["study"]["accept"],
        "truth": dict(truth or {}),
        "patients": _last(flow["patients"]),
        "sessions": _last(flow["sessions"]),
        "therapists": rounded(person_sessions["therapist_id"].nunique(), look.threshold),
        "clock": config["clock"],
        "instruments": {key: given["measures"] for key, given in config["instruments"].items()},
        "definitions": coding["definitions"],
        "repair_rules": coding["repair_rules"],
        "primary": coding["primary"],
        "bridge_missed_sessions": coding["bridge_missed_sessions"],
        "bridge_unrated_sessions": coding["bridge_unrated_sessions"],
        "dropout_definition": config["dropout"]["definition"],
        "models": config["models"],
        "threshold": look.threshold,
    }


def _last(counts: pd.Series) -> int | None:
    return None if counts.empty or pd.isna(counts.iloc[-1]) else int(counts.iloc[-1])
