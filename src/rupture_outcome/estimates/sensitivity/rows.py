"""Rows of the sensitivity analyses: one contrast under one setting."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.engine.estimate import Estimate, wald

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
    "note",
)
HEADLINE = ("repaired", "unrepaired")
CONTRASTS = (HEADLINE, ("unrepaired", "intact"))


@dataclass(frozen=True)
class Basis:
    """What an estimate rests on."""

    patients: int
    sessions: int
    events: int

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "Basis":
        """Count patients, sessions at risk and dropouts."""
        return cls(int(rows["patient_id"].nunique()), len(rows), int(rows["dropout"].sum()))


def sensitivity_row(
    analysis: str,
    setting: str,
    contrast: str,
    estimate: Estimate,
    basis: Basis,
    confidence: float,
    interval: tuple[float, float] | None = None,
    **more: float,
) -> dict[str, Any]:
    """Lay out one contrast, with a Wald interval unless another is given.

    Parameters
    ----------
    analysis, setting, contrast : str
        Which analysis, under which assumption, of what against what.
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
    low, high = interval or wald(estimate.value, estimate.se, confidence)
    return {
        **dict.fromkeys(SENSITIVITY_COLUMNS, np.nan),
        "analysis": analysis,
        "setting": setting,
        "contrast": contrast,
        "estimate": estimate.value,
        "se": estimate.se,
        "ci_low": low,
        "ci_high": high,
        "ratio": float(np.exp(estimate.value)),
        **vars(basis),
        **more,
        "converged": bool(np.isfinite(estimate.value)),
        "note": estimate.note,
    }


def sensitivity_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Collect rows in the columns of ``sensitivity.csv``."""
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))
