"""Oddities in courses: what could be right, and is more often a slip in an export or a config."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.errors import SHOWN_ROWS
from rupture_outcome.study.clean import ABOUT_SESSION, UNKNOWN
from rupture_outcome.study.score import Instruments

JUMP = 0.9  # of the range of a score, from one rated session to the next
LONGEST_GAP = 90  # days between attended sessions
RATINGS = 5  # of one patient, from which never moving is worth a word
MANY_STILL = 0.1  # share of such patients
RATED = 10  # observer ratings, from which never moving is worth a word
ANSWERS = 8  # values of a row, from which two rows are not the same by chance …
COMMONEST = 0.5  # … unless more than this share of the items got one answer
ENOUGH = 200  # answers, from which an end of the range that nobody uses is worth a word
PATIENTS = 30  # for a correlation between scores
LIKELY = 0.95


def odd_courses(
    sessions: pd.DataFrame,
    patients: pd.DataFrame,
    ratings: pd.DataFrame,
    instruments: Instruments,
    lines: "pd.Series[int] | None" = None,
) -> Iterator[str]:
    """Tell all oddities of courses, the rows first.

    Parameters
    ----------
    sessions : DataFrame
        Scored sessions, one row a patient and session.
    patients, ratings : DataFrame
        Of the data contract.
    instruments : mapping
        Section `instruments` of the config.
    lines : Series of int, optional
        Line of each session in its file, where that is known; by the index of `sessions`.
    """
    held = sessions[sessions["attended"].eq(1).fillna(False)]
    yield from copied_rows(held, instruments, lines)
    yield from jumps(held, instruments, lines)
    yield from never_moving(held, ratings, instruments)
    yield from unused_ends(held, instruments)
    yield from flipped(held, instruments)
    yield from gaps(held)
    yield from beyond_plan(held, patients)
    yield from unknown_therapists(patients)


def jumps(
    held: pd.DataFrame, instruments: Instruments, lines: "pd.Series[int] | None" = None
) -> Iterator[str]:
    """Tell scores that go from one end of their range to the other between two sessions.

    Parameters
    ----------
    held : DataFrame
        Attended sessions, scored.
    instruments : mapping
    lines : Series of int, optional
        Line of each in its file.

    Examples
    --------
    >>> held = pd.DataFrame({"patient_id": "a", "session": [1, 2, 3], "symptom": [2.0, 27, 3]})
    >>> phq = {"measures": "symptom", "items": [], "range": [0, 27]}
    >>> [note] = jumps(held, {"phq": phq})
    >>> note[:73]
    "'symptom' jumps across nearly its whole range between two rated sessions,"
    """
    ordered = held.sort_values(["patient_id", "session"])
    for one in instruments.values():
        column = one["measures"]
        low, high = _ends(one)
        rated = ordered[ordered[column].notna()] if column in ordered else ordered[:0]
        change = rated.groupby("patient_id", observed=True)[column].diff().abs()
        rows = rated.index[change.to_numpy(dtype=float, na_value=0) >= JUMP * (high - low)]
        if len(rows):
            yield (
                f"'{column}' jumps across nearly its whole range between two rated sessions, "
                f"{_times(len(rows))}{_lines(lines, rows)}; look for a slip, or a scale that was "
                "turned round in some forms"
            )


def copied_rows(
    held: pd.DataFrame, instruments: Instruments, lines: "pd.Series[int] | None" = None
) -> Iterator[str]:
    """Tell rows in which all answers are those of another row.

    Parameters
    ----------
    held : DataFrame
        Attended sessions.
    instruments : mapping
    lines : Series of int, optional
    """
    subscales = {f"{n}_{s}" for n, one in instruments.items() for s in one.get("subscales", {})}
    made = {one["measures"] for one in instruments.values() if one["items"]} | subscales
    columns = [c for c in held if c not in ABOUT_SESSION and c not in made]
    answers = held[columns].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    enough = (~np.isnan(answers)).sum(axis=1) >= ANSWERS
    for one in instruments.values():  # forms of nearly one answer throughout are alike by chance
        at = [columns.index(item) for item in one["items"]]
        if len(at) > 1:
            enough &= _commonest(answers[:, at]) <= COMMONEST * len(at)
    told = pd.DataFrame(answers[enough], index=held.index[enough])
    rows = told.index[told.duplicated()]
    if len(rows):
        yield (
            f"all answers of a session are those of another one, {_times(len(rows))}"
            f"{_lines(lines, rows)}; look whether forms were copied"
        )


def _commonest(answers: Floats) -> NDArray[np.int64]:
    """How often the commonest answer of each row is given in it."""
    values = np.unique(answers[~np.isnan(answers)])
    counts = [(answers == value).sum(axis=1) for value in values]
    return np.max(counts, axis=0) if counts else np.zeros(len(answers), np.int64)


def never_moving(
    held: pd.DataFrame, ratings: pd.DataFrame, instruments: Instruments
) -> Iterator[str]:
    """Tell scores that stay the same in many patients, and observers who give one rating only.

    Parameters
    ----------
    held : DataFrame
        Attended sessions, scored.
    ratings : DataFrame
        Of observers.
    instruments : mapping
    """
    for one in instruments.values():
        column = one["measures"]
        if column not in held:
            continue
        of_patient = held.groupby("patient_id", observed=True)[column].agg(["count", "nunique"])
        rated = of_patient[of_patient["count"] >= RATINGS]
        still = int(rated["nunique"].eq(1).sum())
        if still > max(1, MANY_STILL * len(rated)):
            yield (
                f"'{column}' never changes in {still:,} of {len(rated):,} patients with at least "
                f"{RATINGS} ratings; falls cannot be seen there"
            )
    for column in ("withdrawal", "confrontation", "resolution"):
        if column not in ratings or not len(ratings):
            continue
        of_rater = ratings.groupby("rater_id", observed=True)[column].agg(["count", "nunique"])
        constant = (of_rater["count"] >= RATED) & of_rater["nunique"].eq(1)
        if constant.any() and not constant.all():
            yield (
                f"ratings, column '{column}': {_raters(int(constant.sum()))} the same rating in "
                f"every session, of at least {RATED}"
            )


def unused_ends(held: pd.DataFrame, instruments: Instruments) -> Iterator[str]:
    """Tell a range whose end nobody ever uses, as where 0–4 or 1–4 is declared as 1–5.

    Examples
    --------
    >>> held = pd.DataFrame({"i": [1, 2, 3, 4] * 50, "j": [4, 3, 2, 1] * 50})
    >>> [note] = unused_ends(held, {"wai": {"items": ["i", "j"], "range": [1, 5]}})
    >>> note
    'no answer to any item of instruments.wai is 5, of a declared range of 1 to 5; is it 1 to 4?'
    """
    for name, one in instruments.items():
        items = [item for item in one["items"] if item in held]
        answers = held[items].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        answers = answers[~np.isnan(answers)]
        if len(answers) < ENOUGH or len(items) < 2:
            continue
        low, high = one["range"]
        found = answers.min(), answers.max()
        for end, reached in ((low, found[0] <= low), (high, found[1] >= high)):
            if not reached:
                yield (
                    f"no answer to any item of instruments.{name} is {end:g}, of a declared range "
                    f"of {low:g} to {high:g}; is it {found[0]:g} to {found[1]:g}?"
                )


# Which scores go together once higher is better in both.
PAIRS = (("alliance_patient", "alliance_therapist"), ("alliance_patient", "symptom"))


def flipped(held: pd.DataFrame, instruments: Instruments) -> Iterator[str]:
    """Tell scores that run against each other: the direction of one may be the wrong way round.

    Parameters
    ----------
    held : DataFrame
        Attended sessions, scored.
    instruments : mapping
        With their directions.
    """
    from scipy.stats import pearsonr

    direction = {one["measures"]: one["direction"] for one in instruments.values()}
    for first, second in PAIRS:
        if not {first, second} <= set(direction) or not {first, second} <= set(held):
            continue
        means = held.groupby("patient_id", observed=True)[[first, second]].mean().dropna()
        x, y = (direction[c] * means[c].to_numpy(dtype=float) for c in (first, second))
        if len(means) < PATIENTS or not x.var() or not y.var():
            continue
        found = pearsonr(x, y)
        if found.confidence_interval(LIKELY).high < 0:
            yield (
                f"patients with better '{first}' have worse '{second}' (correlation "
                f"{found.statistic:.2f}); look at the directions of their instruments"
            )


def gaps(held: pd.DataFrame) -> Iterator[str]:
    """Tell long breaks between attended sessions.

    Examples
    --------
    >>> held = pd.DataFrame({"patient_id": "a", "session": [1, 2], "day": [0, 120]})
    >>> list(gaps(held))[0][:62]
    'more than 90 days lie between two attended sessions of 1 of 1 '
    """
    known = held[held["day"].notna()].sort_values(["patient_id", "session"])
    days = known.groupby("patient_id", observed=True)["day"].diff().astype("Float64")
    long = known.loc[days.gt(LONGEST_GAP).fillna(False), "patient_id"].nunique()
    if long:
        yield (
            f"more than {LONGEST_GAP} days lie between two attended sessions of {long:,} of "
            f"{known['patient_id'].nunique():,} patients; is it a second course of treatment?"
        )


def beyond_plan(held: pd.DataFrame, patients: pd.DataFrame) -> Iterator[str]:
    """Tell patients who attended more sessions than were planned."""
    if "planned_sessions" not in patients:
        return
    planned = patients.set_index("patient_id")["planned_sessions"].dropna().astype(float)
    count = held.groupby("patient_id", observed=True).size()
    count.index = count.index.astype("str")
    more = int((count.reindex(planned.index.astype("str")).to_numpy() > planned.to_numpy()).sum())
    if more:
        yield (
            f"{more:,} of {len(planned):,} patients attended more sessions than planned; from the "
            "last planned session on, leaving counts as agreed"
        )


def unknown_therapists(patients: pd.DataFrame) -> Iterator[str]:
    """Tell what it costs that therapists are not known.

    Examples
    --------
    >>> list(unknown_therapists(pd.DataFrame({"therapist_id": ["T1", "unknown-1"]})))[0][:48]
    'the therapist of 1 of 2 patients is not known; t'
    """
    lacking = int(patients["therapist_id"].astype("str").str.startswith(UNKNOWN).sum())
    if lacking:
        yield (
            f"the therapist of {lacking:,} of {len(patients):,} patients is not known; they are "
            "taken as unlike all others' and say nothing of differences between therapists"
        )


def _ends(one: Mapping[str, Any]) -> tuple[float, float]:
    n = len(one["items"]) or 1
    low, high = one["range"]
    return n * low, n * high


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n:,} times"


def _raters(n: int) -> str:
    return "one observer gives" if n == 1 else f"{n} observers give"


def _lines(lines: "pd.Series[int] | None", rows: pd.Index) -> str:
    if lines is None:
        return ""
    found = sorted(int(line) for line in lines[rows])
    more = f" and {len(found) - SHOWN_ROWS:,} more" if len(found) > SHOWN_ROWS else ""
    shown = ", ".join(str(line) for line in found[:SHOWN_ROWS])
    return f" (sessions, line{'s' if len(found) > 1 else ''} {shown}{more})"
