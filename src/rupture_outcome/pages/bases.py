"""What each figure rests on: counts of the rows that it draws, and of no others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.look.formats import count_text

PATIENTS = {"patients": "patients"}
AT_RISK = PATIENTS | {"sessions": "sessions at risk", "events": "dropouts"}
MAIN = ("definition", "repair_rule")


@dataclass(frozen=True)
class Base:
    """Where the counts below a figure come from.

    Parameters
    ----------
    table : str
        Product whose published table the figure draws.
    counts : mapping of str to str
        Its columns of counts, and what they count.
    where : mapping
        Values by which the rows drawn are found.
    rows : callable, optional
        Finds them where values don't.
    main : tuple of str
        Columns that have to be those of the main coding.
    of : str
        What the counts are of, where not of every row that is drawn.
    """

    table: str
    counts: Mapping[str, str]
    where: Mapping[str, Any] = field(default_factory=dict)
    rows: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    main: tuple[str, ...] = ()
    of: str = ""


def _starts(column: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table[table["session"].eq(table[column])]


def _by_patients(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out the therapist's view, which is not drawn."""
    return rows[~rows[["outcome", "predictor"]].isin(["alliance_therapist"]).any(axis=1)]


def _earliest(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["session"].eq(table["session"].min())]


BASES = {
    "flow": Base("flow", PATIENTS | {"sessions": "sessions"}),
    "endings": Base("endings", PATIENTS),
    "ratings": Base("ratings", {}),
    "alliance_courses": Base("alliance_courses", {}),
    "onset_courses": Base(
        "onset_courses", {"patients": "patients with a rupture"}, main=("definition",)
    ),
    "definition_heatmap": Base("definition_agreement", {"n": "sessions that both can test"}),
    "definition_sets": Base("detected_by", {"n": "sessions that all of them can test"}),
    "recognition": Base(
        "recognition",
        {"ruptures": "ruptures by the main definition"},
        {"lag": 0},
        main=("definition",),
    ),
    "chance": Base("rupture_prevalence", {"sessions_testable": "testable sessions"}),
    "strategies": Base("strategy_resolution", {"n": "sessions with such a marker"}),
    "dropout_effects": Base(
        "dropout_effects", AT_RISK, {"analysis": "hazard"}, main=MAIN, of=" session by session"
    ),
    "specification_curve": Base(
        "dropout_effects", AT_RISK, {"analysis": "hazard"}, of=" session by session"
    ),
    "landmark_contrasts": Base(
        "landmark_contrasts", {"patients": "patients in a state"}, {"measure": "incidence"}
    ),
    "cumulative_incidence": Base(
        "cumulative_incidence",
        {"at_risk": "patients in a state at a landmark"},
        {"cause": "dropout"},
        rows=_starts("landmark"),
        main=MAIN,
    ),
    "moderator_effects": Base("moderator_effects", AT_RISK),
    "literature": Base("dropout_effects", AT_RISK, {"analysis": "hazard"}, main=MAIN),
    "state_occupancy": Base("state_occupancy", {"at_risk": "patients"}, rows=_earliest),
    "hazard_models": Base("hazard_models", AT_RISK | {"events": "endings of the kind modelled"}),
    "hazard_margins": Base("hazard_margins", AT_RISK, {"model": "main"}),
    "dropout_definitions": Base("dropout_definitions", {"ended": "treatments that have ended"}),
    "dropout_patterns": Base("dropout_patterns", {"n": "patients whom all can classify"}),
    "dropout_definition_effects": Base(
        "dropout_definition_effects", AT_RISK, {"analysis": "hazard"}, of=" session by session"
    ),
    "sensitivity": Base("sensitivity", AT_RISK),
    "untested_sessions": Base("sensitivity", AT_RISK, {"analysis": "missing_ratings"}),
    "coding_errors": Base(
        "sensitivity",
        {"patients": "patients", "sessions": "sessions after a rupture", "events": "dropouts"},
        {"analysis": "misclassification"},
    ),
    "growth_effects": Base("growth_effects", PATIENTS | {"sessions": "sessions after another"}),
    "failure_effects": Base(
        "failure_effects",
        {"patients": "patients who could be judged"},
        {"outcome": "failure", "end_point": "last_rating"},
    ),
    "failure_flow": Base("failure_flow", {"all": "patients"}, {"by": "all", "view": "cells"}),
    "within_effects": Base(
        "within_effects", PATIENTS | {"sessions": "sessions"}, rows=_by_patients
    ),
    "therapist_effects": Base(
        "therapist_variances", {"therapists": "therapists"} | PATIENTS | {"sessions": "sessions"}
    ),
}


def basis(figure: str, table: Callable[[str], pd.DataFrame], primary: Mapping[str, str]) -> str:
    """Say how many the rows drawn in a figure rest on: "n = 575 to 584 patients".

    Parameters
    ----------
    figure : str
        Its name.
    table : callable
        Gives a published table by name.
    primary : mapping
        ``definition`` and ``repair_rule`` of the main coding.

    Returns
    -------
    str
        Empty where the figure draws no count, or none that is known.
    """
    base = BASES.get(figure)
    if base is None or not base.counts:
        return ""
    rows = table(base.table)
    for column, value in {**base.where, **{key: primary[key] for key in base.main}}.items():
        rows = rows[rows[column].eq(value)]
    rows = base.rows(rows) if base.rows else rows
    said = [text for column, what in base.counts.items() if (text := _range(rows[column], what))]
    return f"n = {_listed(said)}{base.of}." if said else ""


def _range(counts: pd.Series, what: str) -> str:
    """Write the least and the most of published counts; a small one has a minus sign."""
    known = counts.dropna().astype(int)
    known = known[known != 0]
    if known.empty:
        return ""
    size = np.where(known < 0, 0, known)
    ends = [count_text(known.iloc[at]) for at in (int(size.argmin()), int(size.argmax()))]
    return f"{' to '.join(dict.fromkeys(ends))} {what}"


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
