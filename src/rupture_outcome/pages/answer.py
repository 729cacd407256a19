"""The answer of a study in words: one sentence with its interval, and what belongs beside it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rupture_outcome.estimates.effect_rows import EVER, HEADLINE
from rupture_outcome.look.reasons import reason_text
from rupture_outcome.look.words import name

# A fit that failed says why: where nothing is said, the estimate was not to be shown.
WITHHELD = "it is withheld because too few people are concerned"
HAZARD_LINKS = ("cloglog", "cox")


@dataclass(frozen=True)
class Effect:
    """One row of `dropout_effects.csv`.

    Parameters
    ----------
    ratio, low, high : float
        Odds or hazard ratio with its confidence limits; nan where there is none.
    patients, sessions, events : int or None
        What it rests on, as published: a small one has a minus sign; None where it is not known.
    measure : str
        "odds ratio" or "hazard ratio".
    reason : str
        Why there is no estimate, or a caution; may be empty.
    """

    ratio: float = math.nan
    low: float = math.nan
    high: float = math.nan
    patients: int | None = None
    sessions: int | None = None
    events: int | None = None
    measure: str = "odds ratio"
    reason: str = ""

    @property
    def estimable(self) -> bool:
        """Whether there is an estimate with an interval."""
        return all(map(math.isfinite, (self.ratio, self.low, self.high)))

    def limits(self, confidence: float) -> str:
        """Write the interval, such as "95% CI 0.44 to 0.86"."""
        return f"{confidence * 100:g}% CI {number(self.low)} to {number(self.high)}"


def effect(
    effects: pd.DataFrame, analysis: str, pair: tuple[str, str], primary: Mapping[str, str]
) -> Effect:
    """Pick an effect under the primary definition and repair rule from `dropout_effects.csv`.

    Returns
    -------
    Effect
        Without an estimate where the table has no such row, or one of a fit that failed or that
        may not be shown.

    Examples
    --------
    >>> effect(pd.DataFrame({"analysis": []}), "hazard", HEADLINE, {}).estimable
    False
    """
    rows = _of(effects, {"analysis": analysis, "state_a": pair[0], "state_b": pair[1], **primary})
    return Effect() if rows.empty else _from_row(rows.iloc[0])


def headline(effects: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Answer the main question in one sentence with its interval.

    Parameters
    ----------
    effects : DataFrame
        `dropout_effects.csv`.
    card : mapping
        `study.json`.
    """
    found = effect(effects, "hazard", HEADLINE, card["primary"])
    if not found.estimable:
        why = _why(found)
        return f"Whether repair goes with less dropout could not be estimated in this study{why}."
    shown = _ratio(found, card)
    if found.low <= 1 <= found.high:
        return (
            "Among patients still in treatment, this study cannot tell whether those whose last "
            "rupture was repaired drop out less or more often than those with an open rupture "
            f"({shown})."
        )
    return (
        f"Among patients still in treatment, the {found.measure.split()[0]} of dropping out after "
        f"a session {_were(found)} {_compared(found.ratio)} when the last rupture was repaired "
        f"{'than' if found.ratio < 2 else 'as'} when a rupture was open ({shown})."
    )


def naive_sentence(effects: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """State the naive patient-level comparison and why it is not an answer."""
    found = effect(effects, "naive", EVER, card["primary"])
    if not found.estimable:
        return f"The naive comparison of patients could not be made{_why(found)}."
    return (
        "Comparing patients whose rupture was ever repaired with patients whose rupture never was "
        f"gives another number ({_ratio(found, card)}). It is biased: only those who stay long "
        "enough can be repaired, so it would be below 1 even if repair did nothing."
    )


def incidence_sentences(contrasts: pd.DataFrame, card: Mapping[str, Any]) -> list[str]:
    """Say for each landmark how many of 100 patients dropped out by the horizon, by state at it.

    Both numbers and their difference come from one table and stand at one horizon. The difference
    is that of the numbers shown.

    Parameters
    ----------
    contrasts : DataFrame
        `landmark_contrasts.csv`.
    card : mapping
        `study.json`.
    """
    rows = _of(contrasts, {"cause": "dropout", **card["primary"]})
    said = [_incidence_sentence(at, group, card) for at, group in rows.groupby("landmark")]
    return [sentence for sentence in said if sentence]


def number(value: float) -> str:
    """Write a ratio with two decimals, or two significant digits where these say more.

    Examples
    --------
    >>> number(0.618), number(0.00213), number(1234.5), number(float("nan"))
    ('0.62', '0.0021', '1234', 'not estimable')
    """
    if not math.isfinite(value):
        return "not estimable"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.2g}" if 0 < value < 0.095 else f"{value:.2f}"


def _of(table: pd.DataFrame, wanted: Mapping[str, str]) -> pd.DataFrame:
    for column, value in wanted.items():
        if column in table:
            table = table[table[column] == value]
    return table


def _from_row(row: pd.Series) -> Effect:
    failed = str(row["converged"]).lower() not in {"true", "1"}
    hazard = row["link"] in HAZARD_LINKS or row["analysis"] in HAZARD_LINKS
    unsaid = WITHHELD if pd.isna(row["estimate"]) else "the model did not converge" * failed
    note = reason_text(row.get("reason")) or unsaid
    columns = ("estimate", "ci_low", "ci_high")
    ratio, low, high = (math.nan if failed else _exp(row[column]) for column in columns)
    return Effect(
        ratio=ratio,
        low=low,
        high=high,
        patients=_count(row["patients"]),
        sessions=_count(row["sessions"]),
        events=_count(row["events"]),
        measure="hazard ratio" if hazard and row["analysis"] != "naive" else "odds ratio",
        reason=note,
    )


def _incidence_sentence(at: object, rows: pd.DataFrame, card: Mapping[str, Any]) -> str:
    own = rows[rows["measure"].eq("incidence")].set_index("state_a")
    known = own[own["estimate"].notna()].to_dict("index")
    if not {"unrepaired", "repaired"} <= known.keys():
        return ""
    open_, repaired = known["unrepaired"], known["repaired"]
    unit = name("clock_unit", card["clock"])
    gap = rows[rows["measure"].eq("incidence_difference") & rows["estimate"].notna()]
    difference = ""
    if len(gap):
        shown = difference_of_shown(repaired["estimate"], open_["estimate"], scale=100)
        difference = f", a difference of {of_100({**gap.iloc[0], 'estimate': shown / 100})}"
    return (
        f"Of 100 patients with an open rupture at {unit} {at:g} who came back after it, about "
        f"{of_100(open_)} dropped out by {unit} {open_['horizon']:g}; of 100 with a repaired "
        f"rupture at {unit} {at:g} who came back, about {of_100(repaired)} did{difference} "
        f"({card['models']['confidence'] * 100:g}% confidence intervals in brackets)."
    )


def of_100(row: Mapping[Any, Any], digits: int = 1) -> str:
    """Write a share with its interval as a number of 100, such as "16.5 (8.9 to 25.3)"."""
    shown, low, high = (
        f"{100 * row[c]:.{digits}f}".replace("-", "−") for c in ("estimate", "ci_low", "ci_high")
    )
    return shown if "nan" in (low, high) else f"{shown} ({low} to {high})"


def difference_of_shown(first: float, second: float, scale: float = 1.0, digits: int = 1) -> float:
    """Subtract two numbers as they are shown, so that a reader who subtracts finds the same.

    Parameters
    ----------
    first, second : float
        The numbers before they are rounded.
    scale : float
        What both are multiplied by before they are shown.
    digits : int
        Decimals shown.

    Examples
    --------
    >>> round(difference_of_shown(0.1239, 0.1654, scale=100, digits=0), 1)
    -5.0
    """
    return round(round(scale * first, digits) - round(scale * second, digits), digits)


def _ratio(found: Effect, card: Mapping[str, Any]) -> str:
    limits = found.limits(card["models"]["confidence"])
    return f"{found.measure} {number(found.ratio)}, {limits}"


def _were(found: Effect) -> str:
    return "were" if found.measure == "odds ratio" else "was"


def _compared(ratio: float) -> str:
    if ratio >= 2:
        return f"{number(ratio)} times as high"
    return f"{abs(1 - ratio) * 100:.0f}% {'lower' if ratio < 1 else 'higher'}"


def _why(found: Effect) -> str:
    return f": {found.reason.rstrip('.')}" if found.reason else ""


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.nan


def _count(value: float) -> int | None:
    return None if pd.isna(value) else int(value)
