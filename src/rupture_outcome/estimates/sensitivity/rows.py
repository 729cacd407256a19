"""Rows of the sensitivity analyses: one contrast under one setting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.estimates.effect_rows import HEADLINE, RUPTURE, compared, label

SENSITIVITY_COLUMNS = (
    "analysis",
    "setting",
    "value",
    "sensitivity",
    "specificity",
    "contrast",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "ratio",
    "e_value",
    "e_value_limit",
    "patients",
    "sessions",
    "events",
    "least_cell",
    "converged",
    "reason",
    "state_a",
    "state_b",
    "df",
)
CONTRASTS = (HEADLINE, RUPTURE)


@dataclass(frozen=True)
class Basis:
    """What an estimate rests on; `least` is the smallest count but 0 in one arm, by contrast."""

    patients: int
    sessions: int
    events: int
    least: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "Basis":
        """Count patients, sessions at risk and dropouts, and patients and dropouts by state."""
        least = {label(pair): _least(rows, pair) for pair in CONTRASTS}
        return cls(int(rows["patient_id"].nunique()), len(rows), int(rows["dropout"].sum()), least)


def _least(rows: pd.DataFrame, pair: tuple[str, str]) -> float:
    """Give the smallest count but 0 of patients, of those who drop out and of the others."""
    cells: list[int] = []
    for state in pair:
        arm = rows[rows["state"].eq(state)]
        patients, events = int(arm["patient_id"].nunique()), int(arm["dropout"].sum())
        cells += [patients, events, patients - events]
    return float(min([cell for cell in cells if cell > 0], default=0))


def sensitivity_row(
    analysis: str,
    setting: str,
    pair: tuple[str, str],
    estimate: Estimate,
    basis: Basis,
    confidence: float,
    interval: tuple[float, float] | None = None,
    **more: float,
) -> dict[str, Any]:
    """Lay out one contrast, with a Wald interval unless another is given.

    Parameters
    ----------
    analysis, setting : str
        Which analysis, under which assumption.
    pair : (str, str)
        What is compared, the first against the second.
    estimate : Estimate
        Log ratio.
    basis : Basis
        Counts.
    confidence : float
        Level of the Wald interval.
    interval : (float, float), optional
        Limits on the log scale.
    **more
        ``value``, ``sensitivity``, ``specificity``, ``e_value``, ``e_value_limit``.
    """
    low, high = interval or estimate.interval(confidence)
    return {
        **dict.fromkeys(SENSITIVITY_COLUMNS, np.nan),
        "analysis": analysis,
        "setting": setting,
        **compared(pair),
        "estimate": estimate.value,
        "se": estimate.se,
        "ci_low": low,
        "ci_high": high,
        "ratio": float(np.exp(estimate.value)),
        "patients": basis.patients,
        "sessions": basis.sessions,
        "events": basis.events,
        "least_cell": basis.least.get(label(pair), np.nan),
        **more,
        "converged": bool(np.isfinite(estimate.value)),
        "reason": estimate.reason,
        "df": estimate.known_df,
    }


def sensitivity_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Collect rows in the columns of ``sensitivity.csv``."""
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))
