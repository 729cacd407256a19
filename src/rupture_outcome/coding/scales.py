"""What a study's scores are measured by: spread, reliability, reliable change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.series import Panel
from rupture_outcome.engine.arrays import Floats
from rupture_outcome.errors import Problem, StudyError

Z = 1.96

# Patient minus therapist, each as the share of the range; made by `discrepancy.with_discrepancy`.
DISCREPANCY = "alliance_discrepancy"


@dataclass(frozen=True)
class Constant:
    """One number estimated once per study, and how many values it rests on (None: given)."""

    value: float
    n: int | None = None


Constants = Mapping[str, Constant]


@dataclass(frozen=True)
class Instrument:
    """What the config says of the instrument behind a column of scores.

    Parameters
    ----------
    name : str or None
        Its key in the config; None for a column that no instrument measures.
    direction : {1, -1}
        −1 where lower is better.
    reliability : float or None
        Of the score.
    low, high : float
        Ends of the score's range; NaN where not known.
    """

    name: str | None = None
    direction: int = 1
    reliability: float | None = None
    low: float = np.nan
    high: float = np.nan

    @property
    def range(self) -> tuple[float, float] | None:
        """Lowest and highest possible score, if known."""
        return (self.low, self.high) if np.isfinite([self.low, self.high]).all() else None


def instrument_of(column: str, instruments: Mapping[str, Mapping[str, Any]]) -> Instrument:
    """Find the instrument behind a score: by what it measures, or by `<instrument>_<subscale>`.

    The reliability in the config is that of the whole score, so a subscale has none. Neither has
    the discrepancy, whose reliability rests on how the two scores go together.

    Examples
    --------
    Twelve items from 1 to 5, added up:

    >>> wai = {"measures": "alliance_patient", "items": list("abcdefghijkl"), "range": [1, 5]}
    >>> instrument_of("alliance_patient", {"wai": wai}).range
    (12, 60)
    """
    if column == DISCREPANCY:
        return Instrument(DISCREPANCY, low=-1.0, high=1.0)
    for name, entry in instruments.items():
        if entry.get("measures") == column:
            return _instrument(name, entry, entry.get("items"), entry.get("reliability"))
    for name, entry in instruments.items():
        for subscale, items in (entry.get("subscales") or {}).items():
            if column == f"{name}_{subscale}":
                return _instrument(name, entry, items, None)
    return Instrument()


def _instrument(
    name: str, entry: Mapping[str, Any], items: list[str] | None, reliability: float | None
) -> Instrument:
    low, high = entry.get("range") or (np.nan, np.nan)
    n = len(items) if items else 1
    return Instrument(name, int(entry.get("direction", 1)), reliability, n * low, n * high)


def score_range(definition: str, instrument: Instrument, source: str) -> float:
    """Length of the score's range; a StudyError, in the name of a definition, if not known.

    Parameters
    ----------
    definition : str
        That asks, for the message.
    instrument : Instrument
    source : str
        Column of scores, for the message.

    Returns
    -------
    float
        In points of the score.

    Examples
    --------
    >>> score_range("control_chart", Instrument(low=12, high=60), "alliance_patient")
    48.0
    """
    if not np.isnan(instrument.high - instrument.low):
        return float(instrument.high - instrument.low)
    raise StudyError(
        [
            Problem(
                f"config, coding.definitions.{definition}",
                f"it takes a share of the score's range, and none is known for '{source}'",
                "give the instrument that measures it a 'range'",
            )
        ]
    )


def within_person_sd(panel: Panel, score: Floats) -> Constant:
    r"""Pooled within-person SD.

    .. math:: s_w = \sqrt{\sum_i \sum_t (x_{it} - \bar x_i)^2 / (N - I)}

    over the I patients with at least two scores and their N scores: each patient's mean costs
    one degree of freedom (ddof = 1 within the patient).

    Parameters
    ----------
    panel : Panel
    score : ndarray of float, shape (N,)

    Returns
    -------
    Constant
        NaN where no patient has two scores.

    Examples
    --------
    a differs from his mean by ±5, b by nothing: √(50 / (4 − 2))

    >>> scores = {"session": [1, 2, 1, 2], "score": [50, 40, 30, 30]}
    >>> panel = Panel.from_sessions(pd.DataFrame({"patient_id": list("aabb"), **scores}), ["score"])
    >>> within_person_sd(panel, panel["score"])
    Constant(value=5.0, n=4)
    """
    rated = ~np.isnan(score)
    patient, x = panel.patient[rated], score[rated]
    n = np.bincount(patient, minlength=len(panel.ids))
    mean = np.bincount(patient, x, minlength=len(panel.ids)) / np.maximum(n, 1)
    use = n[patient] >= 2
    squares = ((x - mean[patient])[use] ** 2).sum()
    freedom = int(use.sum() - (n >= 2).sum())
    return Constant(float(np.sqrt(squares / freedom)) if freedom else np.nan, int(use.sum()))


def sample_sd(panel: Panel, score: Floats) -> Constant:
    """SD of all scores of all patients (ddof = 1), every session counting once."""
    return _sd(score[~np.isnan(score)])


def first_session_sd(panel: Panel, score: Floats) -> Constant:
    """SD between patients of their first rated session's scores (ddof = 1).

    Examples
    --------
    Of 50 and 30, patient b's second score left out: √(200 / 1)

    >>> scores = {"session": [1, 1, 2], "score": [50, 30, 20]}
    >>> panel = Panel.from_sessions(pd.DataFrame({"patient_id": list("abb"), **scores}), ["score"])
    >>> round(first_session_sd(panel, panel["score"]).value, 3)
    14.142
    """
    return _sd(score[~np.isnan(score) & (panel.last_rated(score) < 0)])


def _sd(x: Floats) -> Constant:
    return Constant(float(np.std(x, ddof=1)) if len(x) > 1 else np.nan, len(x))


def reliable_change(sd: float, reliability: float) -> float:
    r"""Smallest difference between two scores that measurement error makes unlikely.

    .. math:: 1.96 \cdot \sqrt 2 \cdot s \sqrt{1 - r}

    Parameters
    ----------
    sd : float
        Spread s of the scores between patients.
    reliability : float
        r, of one score.

    Notes
    -----
    Jacobson & Truax 1991 (doi:10.1037/0022-006X.59.1.12); the 1984 paper left out the √2.

    Examples
    --------
    >>> round(reliable_change(10.5, 0.961), 6)
    5.747681
    """
    return float(Z * np.sqrt(2) * sd * np.sqrt(1 - reliability))


def scales_frame(by_definition: Mapping[str, Constants]) -> pd.DataFrame:
    """One row a constant: definition, constant, value, n (values it rests on; missing: given)."""
    rows = [
        (definition, name, float(constant.value), constant.n)
        for definition, constants in by_definition.items()
        for name, constant in constants.items()
    ]
    frame = pd.DataFrame(rows, columns=["definition", "constant", "value", "n"])
    return frame.astype({"definition": "str", "constant": "str", "value": float, "n": "Int64"})


def constants_of(scales: pd.DataFrame, definition: str) -> dict[str, float]:
    """Read one definition's constants back from the scales frame.

    Examples
    --------
    >>> scales = scales_frame({"drop_sd": {"threshold": Constant(8.0, 120)}})
    >>> scales.values.tolist(), constants_of(scales, "drop_sd")
    ([['drop_sd', 'threshold', 8.0, 120]], {'threshold': 8.0})
    """
    own = scales[scales["definition"] == definition]
    return dict(zip(own["constant"], own["value"].astype(float), strict=True))
