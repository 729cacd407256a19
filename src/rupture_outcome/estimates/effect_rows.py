"""Rows of the table of dropout effects: one contrast of one model, or why there is none."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

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


@dataclass(frozen=True)
class Estimate:
    """A contrast on the log scale with its standard error; NaN and a note where there is none."""

    value: float = np.nan
    se: float = np.nan
    note: str = ""

    @property
    def known(self) -> bool:
        """Whether estimate and standard error are both finite."""
        return bool(np.isfinite(self.value) and np.isfinite(self.se))

    def with_note(self, note: str) -> "Estimate":
        """Add a note to what is noted already."""
        return replace(self, note="; ".join(filter(None, [self.note, note])))


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
    if not estimate.known:
        estimate = Estimate(note=estimate.note)
    half = ndtri(0.5 + confidence / 2.0) * estimate.se
    return {
        **vars(specification),
        "term": term,
        "contrast": contrast,
        "estimate": estimate.value,
        "se": estimate.se,
        "ci_low": estimate.value - half,
        "ci_high": estimate.value + half,
        "ratio": float(np.exp(estimate.value)),
        "patients": patients,
        "sessions": sessions,
        "events": events,
        "converged": estimate.known,
        "note": estimate.note,
    }


def effect_table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Collect rows in the columns of the results contract."""
    return pd.DataFrame(rows, columns=list(EFFECT_COLUMNS))
