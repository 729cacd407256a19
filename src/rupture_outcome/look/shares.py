"""Texts of shares and coefficients that may have been rounded or withheld."""

import pandas as pd

from rupture_outcome.look.formats import interval, number
from rupture_outcome.publishable.shares import ROUNDED
from rupture_outcome.publishable.suppress import HIDDEN, is_withheld, mark_of

ROUNDED_NOTE = (
    "≈ before a share or coefficient: rounded, because the exact one would give a small count away."
)


def share_texts(
    frame: pd.DataFrame, column: str, digits: int = 2, *, percent: bool = False
) -> list[str]:
    """Text of every number in a published column, with ≈ where it was rounded.

    Parameters
    ----------
    frame : DataFrame
        A published frame.
    column : str
        No count.
    digits : int
        Decimals of a number that was not rounded for the sake of disclosure.
    percent : bool
        Whether to write it as a percentage.

    Examples
    --------
    >>> frame = pd.DataFrame({"kappa": [0.123, 0.1], "withheld": ["", "kappa ≈"]})
    >>> share_texts(frame, "kappa"), share_texts(frame, "kappa", 1, percent=True)
    (['0.12', '≈0.1'], ['12.3%', '≈10%'])
    """
    values = frame[column].astype(float) * (100 if percent else 1)
    end = "%" if percent else ""
    notes = frame["withheld"] if "withheld" in frame else [""] * len(frame)
    columns = zip(values, is_withheld(frame, column), notes, strict=True)
    return [
        _text(value, mark_of(note, column) if hide else "", digits, end)
        for value, hide, note in columns
    ]


def _text(value: float, mark: str, digits: int, end: str) -> str:
    if mark and (mark != ROUNDED or pd.isna(value)):
        return HIDDEN
    if mark:
        return f"{ROUNDED}{round(value, 2):g}{end}"
    return "" if pd.isna(value) else f"{number(value, digits)}{end}"


def interval_texts(frame: pd.DataFrame, low: str = "ci_low", high: str = "ci_high") -> list[str]:
    """Text of every interval; the ≈ of its estimate holds for it too."""
    bounds = zip(frame[low].astype(float), frame[high].astype(float), strict=True)
    return [interval(*pair) for pair in bounds]


def any_rounded(frame: pd.DataFrame) -> bool:
    """Whether any number was rounded for the sake of disclosure."""
    if "withheld" not in frame:
        return False
    notes = frame["withheld"].astype(object).fillna("").astype(str)
    return bool(notes.str.contains(rf" {ROUNDED}(?:;|$)", regex=True).any())
