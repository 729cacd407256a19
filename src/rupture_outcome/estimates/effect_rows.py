"""Rows of the table of dropout effects: one contrast of one model, or why there is none."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.engine.estimate import Estimate, wald

EFFECT_COLUMNS = (
    "analysis",
    "definition",
    "repair_rule",
    "dropout_definition",
    "link",
    "term",
    "contrast",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "ratio",
    "patients",
    "sessions",
    "events",
    "converged",
    "note",
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
    """Estimate with its Wald interval and its ratio, exp(estimate); NaN where it is not known."""
    known = estimate if estimate.known else Estimate(note=estimate.note)
    low, high = wald(known.value, known.se, confidence)
    return {
        "estimate": known.value,
        "se": known.se,
        "ci_low": low,
        "ci_high": high,
        "ratio": float(np.exp(known.value)),
        "converged": known.known,
        "note": known.note,
    }


def effect_row(
    specification: Specification,
    term: str,
    contrast: str,
    estimate: Estimate,
    *,
    patients: int,
    sessions: int,
    events: int,
    confidence: float,
) -> dict[str, Any]:
    """Lay out one contrast with its Wald interval and its ratio, exp(estimate).

    Parameters
    ----------
    specification : Specification
    term, contrast : str
        What is compared.
    estimate : Estimate
        On the log scale.
    patients, sessions, events : int
        What it rests on.
    confidence : float
        Level of the interval.
    """
    sizes = {"patients": patients, "sessions": sessions, "events": events}
    return {
        **vars(specification),
        "term": term,
        "contrast": contrast,
        **ratio_columns(estimate, confidence),
        **sizes,
    }


def effect_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Collect rows in the columns of the results contract."""
    return pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))
