"""Checks of a finished run: what a reader may rely on, one row each."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import OTHER, known
from rupture_outcome.estimates.fit_audit import events_band
from rupture_outcome.products.registry import tables

COLUMNS = ["check", "subject", "passed", "expected", "found"]
SPELL = ["patient_id", "definition", "repair_rule"]
PERSON_SESSIONS = (*SPELL, "session", "state", "event", "at_risk", "dropout")
EVENTS_PER_PARAMETER = 10
CONDITION = 1e8
GRADIENT = 1e-3


def check_results(
    flow: pd.DataFrame,
    person_sessions: pd.DataFrame,
    prevalence: pd.DataFrame,
    fits: Iterable[Mapping[str, Any]],
    published: Mapping[str, pd.DataFrame],
    threshold: int,
) -> pd.DataFrame:
    """Check a run's results against what they must satisfy.

    Parameters
    ----------
    flow : DataFrame
        All steps, before small counts were suppressed: step, reason, patients, sessions and what
        was removed.
    person_sessions : DataFrame
        The risk set under every definition and repair rule.
    prevalence : DataFrame
        A row a definition, with its class and numbers of testable and detected sessions.
    fits : iterable of mapping
        One fitted model each: ``model``, ``definition``, ``repair_rule``, ``converged``, ``reason``
        and, where it converged, what `rupture_outcome.estimates.fit_audit` gives; for a multilevel
        model also ``boundary`` and ``group_sd``.
    published : mapping of name to DataFrame
        The tables that leave, in which every count is a multiple of `threshold`.
    threshold : int
        The disclosure threshold; 0 where counts are exact.

    Returns
    -------
    DataFrame
        check, subject, passed, expected, found. `passed` is False also for what is no error but
        has to be known when reading a result, such as few events per parameter.
    """
    rows = [
        *_flow_adds_up(flow),
        *_risk_set_is_sound(person_sessions),
        *_states_are_sound(person_sessions),
        *_definitions_are_sound(prevalence),
        *(row for fit in fits for row in _fit_is_sound(fit)),
        *(_what_leaves(published, threshold) if threshold else []),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _flow_adds_up(flow: pd.DataFrame) -> list[tuple]:
    rows = []
    for unit in ("patients", "sessions"):
        removed = flow[f"removed_{unit}"].fillna(0)
        wrong = int((flow[unit].shift() - removed != flow[unit]).iloc[1:].sum())
        rows.append(_none("every step accounts for what it removed", unit, wrong))
    return rows


def _risk_set_is_sound(rows: pd.DataFrame) -> list[tuple]:
    key = [*SPELL, "session"]
    repeated = int(rows.duplicated(key).sum())
    ended = rows[rows["event"] != "none"]
    events = int(ended.duplicated(SPELL).sum())
    last = rows.groupby(SPELL, observed=True)["session"].transform("max")
    early = int((rows["session"] < last)[rows["event"] != "none"].sum())
    impossible = int((~rows["at_risk"].astype(bool) & (rows["dropout"] == 1)).sum())
    return [
        _none("one row a patient and session", "person_sessions", repeated),
        _none("at most one ending a patient", "person_sessions", events),
        _none("the ending follows the last session", "person_sessions", early),
        _none("no dropout where none is possible", "person_sessions", impossible),
    ]


def _states_are_sound(rows: pd.DataFrame) -> list[tuple]:
    spell = [pd.factorize(rows[name])[0] for name in SPELL]
    order = np.lexsort([rows["session"].to_numpy(), *spell])
    same = np.all([np.diff(codes[order]) == 0 for codes in spell], axis=0)
    intact = rows["state"].eq("intact").to_numpy(bool)[order]
    back = int((same & intact[1:] & ~intact[:-1]).sum())
    return [_none("nobody returns to intact after a rupture", "state", back)]


def _definitions_are_sound(prevalence: pd.DataFrame) -> list[tuple]:
    over = int((prevalence["sessions_detected"] > prevalence["sessions_testable"]).sum())
    rows = [_none("detected sessions are testable ones", "prevalence", over)]
    for row in prevalence.itertuples():
        tested = bool(row.sessions_testable)
        found = "testable" if tested else "no testable session"
        rows.append(
            _row("the definition could be tested", str(row.definition), tested, "testable", found)
        )
    return rows


def _fit_is_sound(fit: Mapping[str, Any]) -> list[tuple]:
    """Judge one fit; what a model of its kind does not have, such as a group SD, is not judged."""
    subject = f"{fit['model']}, {fit['definition']}, {fit['repair_rule']}"
    if not fit.get("converged"):
        return [
            _row("the fit converged", subject, False, "converged", fit.get("reason") or "failed")
        ]
    gradient, condition = _number(fit, "gradient_norm"), _number(fit, "condition_number")
    rows = [
        _row("the fit converged", subject, True, "converged", "converged"),
        _row("gradient at the maximum", subject, gradient < GRADIENT, f"< {GRADIENT}", gradient),
        _row(
            "condition of the Hessian",
            subject,
            condition < CONDITION,
            f"< {CONDITION:.0e}",
            condition,
        ),
    ]
    if "events_per_parameter" in fit:
        events = _number(fit, "events_per_parameter")
        enough, found = events >= EVENTS_PER_PARAMETER, events_band(events)
        expected = f">= {EVENTS_PER_PARAMETER}"
        rows.append(_row("events per parameter", subject, enough, expected, found))
    if fit.get("boundary") is None:
        return rows
    inside = not fit["boundary"]
    sd = _number(fit, "group_sd")
    return [*rows, _row("group SD inside the parameter space", subject, inside, "> 0", sd)]


def _none(check: str, subject: str, count: int) -> tuple:
    """Expect none; how many there are might be few persons, and is not said."""
    return _row(check, subject, count == 0, "none", "some" if count else "none")


def _number(fit: Mapping[str, Any], key: str) -> float:
    value = fit.get(key)
    return np.nan if value is None else float(value)


def _all_counts_are_rounded(published: Mapping[str, pd.DataFrame], threshold: int) -> list[tuple]:
    rows = []
    for name, table in published.items():
        counts = [column.name for column in tables()[name].columns if column.kind == "count"]
        exact = any(bool((known(table[column]) % threshold).gt(0).any()) for column in counts)
        rows.append(_row("counts are rounded", name, not exact, "all", "some" if exact else "all"))
    return rows


def _what_leaves(published: Mapping[str, pd.DataFrame], threshold: int) -> list[tuple]:
    """Say whether what leaves may be passed on: pass, review or fail.

    Fail: a count is exact, or a label stands for few (k-anonymity). Review: nobody of a subgroup
    had an outcome, so that who knows the subgroup knows the outcome (l-diversity).
    """
    kept = _all_counts_are_rounded(published, threshold)
    alike = []
    for name, table in published.items():
        categories = tables()[name].categories
        if categories is None:
            continue
        named = table[~table[categories.label].fillna("").isin(["", OTHER])]
        few = int(named[categories.count].lt(0).sum())
        kept.append(_none("labels stand for more than a few", name, few))
        outcomes = [
            column.name
            for column in tables()[name].columns
            if column.kind == "count" and categories.count in column.of
        ]
        nobody = int(named[outcomes].eq(0).any(axis=1).sum()) if outcomes else 0
        alike.append(_none("somebody of every subgroup had the outcome", name, nobody))
    may = [all(row[2] for row in rows) for rows in (kept, alike)]
    verdict = "fail" if not may[0] else "pass" if may[1] else "review"
    return [*kept, *alike, _row("verdict on what leaves", "tables", may[0], "pass", verdict)]


def _row(check: str, subject: str, passed: bool, expected: Any, found: Any) -> tuple:
    shown = f"{found:.3g}" if isinstance(found, float) else str(found)
    return check, subject, bool(passed), str(expected), shown
