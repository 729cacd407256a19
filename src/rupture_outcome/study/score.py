"""Scoring instruments: prorated sums of items, how complete they are, and how reliable."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

COMPLETENESS_COLUMNS = ["instrument", "measures", "sessions", "complete", "prorated", "missing"]
RELIABILITY_COLUMNS = ["instrument", "items", "sessions", "alpha", "ci_low", "ci_high"]
ITEM_COLUMNS = ["instrument", "item", "patients", "r", "ci_low", "ci_high"]
# Two items always correlate with each other alone; Fisher's interval needs more than three forms.
FEWEST_ITEMS, FEWEST_FORMS = 3, 10

Instruments = Mapping[str, Mapping[str, Any]]


def prorated_sum(items: np.ndarray, answered: float) -> np.ndarray:
    """Sum of items, the unanswered ones taken at the mean of those answered.

    For a row with m of n items answered, the score is ``n · (sum of the answered) / m`` where
    ``m ≥ answered · n``, and missing otherwise. A complete row gives its exact sum.

    Parameters
    ----------
    items : array of float, shape (rows, n)
        NaN where unanswered.
    answered : float
        Least share of the items that must be answered.

    Returns
    -------
    array of float, shape (rows,)

    Examples
    --------
    >>> prorated_sum(np.array([[1.0, 2, 3, 4], [1, 2, 3, np.nan], [1, 2, np.nan, np.nan]]), 0.75)
    array([10.,  8., nan])
    """
    n = items.shape[1]
    least = max(1, math.ceil(answered * n - 1e-9))  # 0.7 · 10 is a little more than 7 in floats
    given = np.count_nonzero(~np.isnan(items), axis=1)
    total = np.nansum(items, axis=1)
    enough = given >= least
    return np.where(enough, total * n / np.where(enough, given, 1), np.nan)


def score_sessions(sessions: pd.DataFrame, instruments: Instruments) -> pd.DataFrame:
    """Add the scores of all instruments to the sessions.

    Where an instrument has items, its score is their prorated sum, whatever the instrument is
    reported as; otherwise the delivered score is used as it is. Subscales are prorated sums, too,
    in columns `<instrument>_<subscale>`. Only attended sessions have scores.

    Parameters
    ----------
    sessions : DataFrame
        Clean sessions with the item columns.
    instruments : mapping
        Section `instruments` of the config.

    Returns
    -------
    DataFrame
        The sessions, item columns included, with scores as float; NaN is missing.
    """
    attended = sessions["attended"].eq(1).to_numpy(dtype=bool)
    scores = {
        name: np.where(attended, values, np.nan) for name, values in _scores(sessions, instruments)
    }
    return sessions.assign(**scores)


def completeness(sessions: pd.DataFrame, instruments: Instruments) -> pd.DataFrame:
    """Count attended sessions in which each instrument is complete, prorated or missing.

    Returns
    -------
    DataFrame
        `instrument`, `measures`, `sessions` (attended), `complete`, `prorated`, `missing`, one
        row an instrument; a score that is delivered as such is complete or missing.
    """
    held = sessions[sessions["attended"].eq(1)]
    rows = []
    for name, one in instruments.items():
        items = _matrix(held, one["items"] or [one["measures"]], one)
        scored = ~np.isnan(prorated_sum(items, one["answered"]))
        whole = ~np.isnan(items).any(axis=1)
        counts = whole.sum(), (scored & ~whole).sum(), (~scored).sum()
        rows.append((name, one["measures"], len(held), *map(int, counts)))
    return pd.DataFrame(rows, columns=COMPLETENESS_COLUMNS)


def reliability(
    sessions: pd.DataFrame, instruments: Instruments, confidence: float = 0.95
) -> pd.DataFrame:
    """Cronbach's alpha of each instrument with items, on complete cases.

    ``α = k/(k−1) · (1 − Σ var(item) / var(sum))``, one row a session. Sessions of one patient are
    not independent, so the interval (Feldt) is too narrow; alpha here also mixes differences
    between and within patients.

    Parameters
    ----------
    sessions : DataFrame
        Clean sessions with the item columns.
    instruments : mapping
        Section `instruments` of the config.
    confidence : float
        Level of the interval.

    Returns
    -------
    DataFrame
        `instrument`, `items`, `sessions`, `alpha`, `ci_low`, `ci_high`; NaN where it cannot be
        computed. In R: ``psych::alpha(items)``.
    """
    held = sessions[sessions["attended"].eq(1)]
    rows = []
    for name, one in instruments.items():
        if not one["items"]:
            continue
        items = _matrix(held, one["items"], one)
        complete = items[~np.isnan(items).any(axis=1)]
        rows.append((name, len(one["items"]), len(complete), *_alpha(complete, confidence)))
    return pd.DataFrame(rows, columns=RELIABILITY_COLUMNS)


def item_rest(
    sessions: pd.DataFrame, instruments: Instruments, confidence: float = 0.95
) -> pd.DataFrame:
    """Correlate each item with the sum of the instrument's others, on each patient's first form.

    ``r_j = cor(x_j, Σ_{k≠j} x_k)`` over complete cases, reversed items turned round, with Fisher's
    interval. One form a patient keeps cases independent. An item whose interval lies below 0 runs
    against the others: it was not turned round, or its columns were mixed up.

    Parameters
    ----------
    sessions : DataFrame
        Clean sessions with the item columns, sorted by patient and session.
    instruments : mapping
        Section `instruments` of the config; those of fewer than three items are left out.
    confidence : float
        Level of the interval.

    Returns
    -------
    DataFrame
        `instrument`, `item`, `patients`, `r`, `ci_low`, `ci_high`; NaN where it cannot be
        computed. In R: ``psych::alpha(items)$item.stats$r.drop``.
    """
    held = sessions[sessions["attended"].eq(1)]
    rows = []
    for name, one in instruments.items():
        if len(one["items"]) < FEWEST_ITEMS:
            continue
        items = _matrix(held, one["items"], one)
        complete = ~np.isnan(items).any(axis=1)
        first = ~held.loc[complete, "patient_id"].duplicated().to_numpy()
        forms = items[complete][first]
        for item, column in zip(one["items"], forms.T, strict=True):
            found = _correlation(column, forms.sum(axis=1) - column, confidence)
            rows.append((name, item, len(forms), *found))
    return pd.DataFrame(rows, columns=ITEM_COLUMNS)


def complete_forms(
    sessions: pd.DataFrame, instrument: Mapping[str, Any]
) -> tuple[np.ndarray, pd.Series]:
    """Answers of attended sessions in which all items are answered, and whose they are.

    Returns
    -------
    array of float, shape (forms, items)
        Reversed items turned round.
    Series
        ``patient_id`` of each form.
    """
    held = sessions[sessions["attended"].eq(1)]
    items = _matrix(held, instrument["items"], instrument)
    complete = ~np.isnan(items).any(axis=1)
    return items[complete], held.loc[complete, "patient_id"]


def _correlation(x: np.ndarray, y: np.ndarray, confidence: float) -> tuple[float, float, float]:
    if len(x) < FEWEST_FORMS or not x.var() or not y.var():
        return (np.nan, np.nan, np.nan)
    from scipy.stats import pearsonr

    found = pearsonr(x, y)
    interval = found.confidence_interval(confidence)
    return float(found.statistic), float(interval.low), float(interval.high)


def _scores(sessions: pd.DataFrame, instruments: Instruments) -> Iterator[tuple[str, np.ndarray]]:
    for column in ("alliance_patient", "alliance_therapist", "symptom"):
        yield column, _floats(sessions[column])
    for name, one in instruments.items():
        if one["items"]:
            yield (
                one["measures"],
                prorated_sum(_matrix(sessions, one["items"], one), one["answered"]),
            )
        for subscale, items in one["subscales"].items():
            values = prorated_sum(_matrix(sessions, items, one), one["answered"])
            yield f"{name}_{subscale}", values


def _matrix(
    sessions: pd.DataFrame, items: Sequence[str], instrument: Mapping[str, Any]
) -> np.ndarray:
    """Answers as floats, reversed items turned round, shape (sessions, items)."""
    low, high = instrument["range"]
    columns = [
        low + high - _floats(sessions[item])
        if item in instrument["reversed"]
        else _floats(sessions[item])
        for item in items
    ]
    return np.column_stack(columns)


def _floats(column: pd.Series) -> np.ndarray:
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _alpha(items: np.ndarray, confidence: float) -> tuple[float, float, float]:
    if min(items.shape) < 2 or not items.sum(axis=1).var():
        return (np.nan, np.nan, np.nan)
    import pingouin

    alpha, interval = pingouin.cronbach_alpha(pd.DataFrame(items), ci=confidence)
    return float(alpha), float(interval[0]), float(interval[1])
