"""One course for each kind of course: repaired, not repaired, left in a rupture, and so on."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

COLUMNS = ["role", "session", "attended", "score", "detected", "state", "ending"]


def chosen_courses(tables: Mapping[str, pd.DataFrame], primary: Mapping[str, str]) -> pd.DataFrame:
    """Give the course of one patient for each role, without who it is.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``sessions`` (scored), ``endings``, ``ruptures``, ``episodes``, ``states``.
    primary : mapping
        ``definition`` and ``repair_rule`` to show.

    Returns
    -------
    DataFrame
        One row a role and scheduled session: role, session, attended, score, detected, state (of
        attended sessions), ending.
    """
    coded = {key: _coded(frame, primary) for key, frame in tables.items()}
    sessions = coded["sessions"].rename(columns={"alliance_patient": "score"})
    if not sessions["score"].notna().any():
        return pd.DataFrame(columns=COLUMNS)
    chosen = choose_patients(coded["sessions"], coded["episodes"], coded["endings"])
    roles = pd.DataFrame({"role": list(chosen), "patient_id": list(chosen.values())})
    keys = ["patient_id", "session"]
    found = coded["ruptures"].assign(detected=coded["ruptures"]["verdict"].eq("detected"))
    courses = (
        roles.merge(sessions[[*keys, "attended", "score"]].sort_values("session"), on="patient_id")
        .merge(found[[*keys, "detected"]], on=keys, how="left")
        .merge(coded["states"][[*keys, "state"]], on=keys, how="left")
        .merge(coded["endings"][["patient_id", "ending"]], on="patient_id", how="left")
    )
    courses["detected"] = courses["detected"].eq(True)
    return courses[COLUMNS]


def choose_patients(
    sessions: pd.DataFrame, episodes: pd.DataFrame, endings: pd.DataFrame
) -> dict[str, Any]:
    """Choose one patient for each kind of course: role to patient_id, the same on every run.

    Among those who fit a role, patients whose score fell at a rupture come first, and of repaired
    ruptures those that were so in a later session; then the patient with the most rated sessions
    (at most 16, so that the panel is readable), then with a missed session, then the first
    identifier. A role that nobody fits is left out, and no patient is shown twice.

    Parameters
    ----------
    sessions : DataFrame
        Scored: ``patient_id``, ``attended``, ``alliance_patient``.
    episodes : DataFrame
        Of one definition and repair rule: ``patient_id``, ``repair``, and where they are known
        ``depth`` and ``sessions_to_repair``.
    endings : DataFrame
        ``patient_id``, ``ending``.
    """
    facts = _facts(sessions, episodes, endings)
    dropout, ruptures = facts["ending"].eq("dropout"), facts["ruptures"]
    fits = {
        "repaired": ruptures.eq(1) & facts["repaired"].eq(1) & ~dropout,
        "not_repaired": ruptures.eq(1) & facts["not_repaired"].eq(1) & ~dropout,
        "left_in_rupture": facts["open_at_end"] & dropout & facts["rated"].ge(5),
        "several": ruptures.between(2, 3) & facts["repaired"].ge(1) & ~dropout,
        "none": ruptures.eq(0) & ~dropout,
        "left_without": ruptures.eq(0) & dropout & facts["rated"].ge(5),
    }
    chosen: dict[str, Any] = {}
    for role, fit in fits.items():
        candidates = facts.index[fit & ~facts.index.isin(list(chosen.values()))]
        if len(candidates):
            chosen[role] = candidates[0]
    return chosen


def _coded(frame: pd.DataFrame, primary: Mapping[str, str]) -> pd.DataFrame:
    keep = pd.Series(True, index=frame.index)
    for column, value in primary.items():
        if column in frame:
            keep &= frame[column].eq(value)
    return frame[keep]


def _facts(sessions: pd.DataFrame, episodes: pd.DataFrame, endings: pd.DataFrame) -> pd.DataFrame:
    """One row a patient, the clearest course first."""
    by_patient = sessions.groupby("patient_id")
    rated = by_patient["alliance_patient"].count()
    repairs = episodes.assign(repair=episodes["repair"].astype(str)).groupby("patient_id")["repair"]
    counts = {
        "ruptures": repairs.size(),
        "repaired": repairs.apply(lambda r: int(r.eq("repaired").sum())),
        "not_repaired": repairs.apply(lambda r: int(r.eq("not_repaired").sum())),
    }
    facts = pd.DataFrame({k: v.reindex(rated.index).fillna(0) for k, v in counts.items()})
    facts["open_at_end"] = repairs.last().reindex(rated.index).eq("censored")
    facts["ending"] = endings.set_index("patient_id")["ending"].reindex(rated.index).astype(str)
    facts["rated"] = rated
    facts["_short"] = rated.clip(upper=16)
    facts["_plain"] = _plain(episodes, sessions).reindex(rated.index).fillna(0)
    facts["_missed"] = by_patient["attended"].apply(lambda a: bool(a.eq(0).any()))
    order = facts.reset_index().sort_values(
        ["_plain", "_short", "_missed", "rated", "patient_id"],
        ascending=[False, False, False, True, True],
    )
    return order.set_index("patient_id")


def _plain(episodes: pd.DataFrame, sessions: pd.DataFrame) -> "pd.Series[float]":
    """How easily each patient's ruptures are seen: 1 for a fall, 1 for repairs in later sessions.

    A fall is one of a standard deviation of all scores; missing columns count for nothing.
    """
    known = episodes.reindex(columns=["patient_id", "repair", "depth", "sessions_to_repair"])
    unit = float(sessions["alliance_patient"].std())
    fell = known["depth"].astype(float).ge(unit)
    at_once = known["sessions_to_repair"].astype(float).eq(0)
    shown = fell.astype(float) - at_once.astype(float)
    return shown.groupby(known["patient_id"]).min()
