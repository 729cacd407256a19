"""Rows of the table of dropout effects: one contrast of one model, or why there is none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.reasons import reason

HEADLINE = ("repaired", "unrepaired")
RUPTURE = ("unrepaired", "intact")
EVER = ("ever_repaired", "never_repaired")
FEWEST = ("fewest_patients", "fewest_events", "fewest_without")
SPECIFIED = ("definition", "repair_rule", "dropout_definition", "link")
ESTIMATED = ("estimate", "se", "ci_low", "ci_high", "ratio")
BASIS = ("patients", "sessions", "events")
# Fewer in one of two states compared draw an estimate away from 0.
FEW_EVENTS = 10
NOBODY = dict.fromkeys((*BASIS, *FEWEST), 0)
EFFECT_COLUMNS = (
    *("analysis", *SPECIFIED, "term", "contrast", *ESTIMATED, *BASIS),
    *("converged", "reason", "landmark", "state_a", "state_b", "df", *FEWEST),
)


@dataclass(frozen=True)
class Specification:
    """What was analysed, as it appears in the leading columns of the table."""

    analysis: str
    definition: str
    repair_rule: str
    dropout_definition: str
    link: str


def ratio_columns(estimate: Estimate, confidence: float) -> dict[str, Any]:
    """Estimate with its Wald interval and its ratio, exp(estimate); NaN where it is not known.

    ``df`` are the degrees of freedom of a t interval, NaN where it is of a normal distribution.
    """
    known = estimate if estimate.known else Estimate(reason=estimate.reason)
    low, high = known.interval(confidence)
    return {
        "estimate": known.value,
        "se": known.se,
        "ci_low": low,
        "ci_high": high,
        "ratio": float(np.exp(known.value)),
        "converged": known.known,
        "reason": known.reason,
        "df": known.known_df,
    }


def cautioned(estimate: Estimate, basis: Mapping[str, int]) -> Estimate:
    """Note where an estimate rests on few events in one of the arms, of `basis_of`."""
    few = estimate.known and 0 < basis.get("fewest_events", 0) < FEW_EVENTS
    return estimate.with_reason(reason("few_events") if few else "")


def effect_row(
    specification: Specification,
    term: str,
    pair: tuple[str, str],
    estimate: Estimate,
    *,
    confidence: float,
    landmark: int | None = None,
    **basis: int,
) -> dict[str, Any]:
    """Lay out one contrast with its Wald interval and its ratio, exp(estimate).

    Parameters
    ----------
    specification : Specification
    term : str
        Code of what is compared.
    pair : (str, str)
        Codes of the two levels, the first against the second.
    estimate : Estimate
        On the log scale.
    confidence : float
        Level of the interval.
    landmark : int, optional
        At which the state is fixed, on the clock.
    **basis : int
        What it rests on, from `basis_of`.
    """
    return {
        **vars(specification),
        "term": term,
        **compared(pair),
        "landmark": landmark,
        **ratio_columns(cautioned(estimate, basis), confidence),
        **basis,
    }


def label(pair: Sequence[str]) -> str:
    """Key of a contrast: its levels, the first "vs" the second."""
    return " vs ".join(pair)


def compared(pair: Sequence[str]) -> dict[str, str]:
    """Columns that say which levels are compared; of one level only, the second is empty.

    Examples
    --------
    >>> compared(("repaired", "unrepaired"))
    {'contrast': 'repaired vs unrepaired', 'state_a': 'repaired', 'state_b': 'unrepaired'}
    """
    first, second = (*pair, "")[:2]
    return {"contrast": label(pair), "state_a": first, "state_b": second}


def compares(effects: pd.DataFrame, pair: tuple[str, str]) -> pd.Series:
    """Tell which rows compare the first level with the second."""
    return effects["state_a"].eq(pair[0]) & effects["state_b"].eq(pair[1])


def basis_of(rows: pd.DataFrame, arms: Sequence[pd.DataFrame], event: str) -> dict[str, int]:
    """Count what an estimate rests on, and the fewest in one arm.

    Parameters
    ----------
    rows : DataFrame
        ``patient_id`` and the column `event`; a patient has one event at most.
    arms : sequence of DataFrame
        The rows of each group that is compared.
    event : str
        Column of 0 and 1.

    Returns
    -------
    dict
        ``patients``, ``sessions`` (rows), ``events``, and of the smallest arm ``fewest_patients``,
        ``fewest_events``, ``fewest_without`` (patients without the event there).
    """
    patients = [int(arm["patient_id"].nunique()) for arm in arms]
    events = [int(arm[event].sum()) for arm in arms]
    return {
        "patients": int(rows["patient_id"].nunique()),
        "sessions": len(rows),
        "events": int(rows[event].sum()),
        "fewest_patients": _fewest(patients),
        "fewest_events": _fewest(events),
        "fewest_without": _fewest(n - some for n, some in zip(patients, events, strict=True)),
    }


def _fewest(counts: Iterable[int]) -> int:
    """Give the smallest count of somebody; an arm of nobody gives nobody away."""
    return min((count for count in counts if count), default=0)


def effect_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Collect rows in the columns of the results contract."""
    return pd.DataFrame(rows, columns=list(EFFECT_COLUMNS)).astype({"landmark": "Int64"})
