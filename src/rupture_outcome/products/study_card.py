"""What a study is, in a few facts that notebooks and report quote."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rupture_outcome.publishable.suppress import is_small


def study_card(
    config: Mapping[str, Any], flow: pd.DataFrame, person_sessions: pd.DataFrame
) -> dict[str, Any]:
    """Facts about a study and the choices made for it, as written to `study.json`.

    Numbers of patients and sessions are taken from the published flow, never counted anew: two
    counts of nearly the same thing would give a small difference away.

    Parameters
    ----------
    config : mapping
        The complete config.
    flow : DataFrame
        `flow.csv` as published.
    person_sessions : DataFrame
        The person-sessions of the models, for the number of therapists.

    Returns
    -------
    dict
        JSON-ready; holds no path and no identifier. A count that may not be shown is None.
    """
    coding = config["coding"]
    threshold = config["disclosure"]["threshold"]
    return {
        "name": config["study"]["name"],
        "title": config["study"]["title"],
        "simulated": config["study"]["simulated"],
        "patients": _last(flow["patients"]),
        "sessions": _last(flow["sessions"]),
        "therapists": _shown(person_sessions["therapist_id"].nunique(), threshold),
        "clock": config["clock"],
        "instruments": {key: given["measures"] for key, given in config["instruments"].items()},
        "definitions": coding["definitions"],
        "repair_rules": coding["repair_rules"],
        "primary": coding["primary"],
        "bridge_missed_sessions": coding["bridge_missed_sessions"],
        "bridge_unrated_sessions": coding["bridge_unrated_sessions"],
        "dropout_definition": config["dropout"]["definition"],
        "models": config["models"],
        "threshold": threshold,
    }


def _last(counts: pd.Series) -> int | None:
    return None if counts.empty or pd.isna(counts.iloc[-1]) else int(counts.iloc[-1])


def _shown(count: int, threshold: int) -> int | None:
    return None if is_small(count, threshold) else int(count)
