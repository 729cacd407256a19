"""The definitions of dropout: one short rule each, and when its answer can be yes at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

AGREED = ("completed", "agreed")
ONGOING = "ongoing"
CLOSE = 1e-9  # 0.55 · 20 is a little more than 11 in floats


@dataclass(frozen=True)
class DropoutLimits:
    """Limits that some definitions take; part of the `dropout` section of the config.

    Parameters
    ----------
    planned_share : float
        For ``fewer_than_planned``: share of the planned sessions below which it is dropout.
    first_sessions : int
        For ``first_sessions``: number of attended sessions before which leaving is dropout.
    """

    planned_share: float = 0.75
    first_sessions: int = 4

    @classmethod
    def from_config(cls, dropout: Mapping[str, Any]) -> "DropoutLimits":
        """Take the limits from the `dropout` section of the config."""
        return cls(float(dropout["planned_share"]), int(dropout["first_sessions"]))


LIMITS = DropoutLimits()
Span = tuple[pd.Series | float, pd.Series | float]


def _always(treatments: pd.DataFrame, limits: DropoutLimits) -> Span:
    return 0.0, np.inf


@dataclass(frozen=True)
class DropoutDefinition:
    """A named rule which says of each ended treatment whether it ended in dropout.

    What it reads is in `rupture_outcome.study.dropout_data`; each column there must have values.

    Parameters
    ----------
    rule : callable
        Takes the treatments and the limits; gives yes, no or missing (not classifiable) per row.
    span : callable
        Takes the same; gives two numbers of attended sessions a patient. Leaving after k sessions
        can be dropout where ``first ≤ k < end``; a missing number means never.
    """

    rule: Callable[[pd.DataFrame, DropoutLimits], pd.Series]
    span: Callable[[pd.DataFrame, DropoutLimits], Span] = _always


def _recorded_ending(treatments: pd.DataFrame, limits: DropoutLimits) -> pd.Series:
    return ending_of(treatments).eq("dropout")


def _yes_no(column: str) -> Callable[[pd.DataFrame, DropoutLimits], pd.Series]:
    def rule(treatments: pd.DataFrame, limits: DropoutLimits) -> pd.Series:
        return treatments[column].astype("Int64").eq(1)

    return rule


def _fewer_than_planned(treatments: pd.DataFrame, limits: DropoutLimits) -> pd.Series:
    # Of a missing ending it is not known whether the treatment has ended.
    ended = ending_of(treatments).ne(ONGOING)
    return ended & (treatments["attended"] < _least(treatments, limits))


def _until_the_share(treatments: pd.DataFrame, limits: DropoutLimits) -> Span:
    return 0.0, _least(treatments, limits)


def _least(treatments: pd.DataFrame, limits: DropoutLimits) -> pd.Series:
    share = limits.planned_share * treatments["planned"].astype("Float64")
    return pd.Series(np.ceil(share - CLOSE), index=treatments.index)


def _no_reliable_improvement(treatments: pd.DataFrame, limits: DropoutLimits) -> pd.Series:
    delivered = (treatments["attended"] >= treatments["planned"]).fillna(False).astype("boolean")
    left = ~ending_of(treatments).isin(["completed", ONGOING]) & ~delivered
    left = left.astype("boolean").mask(ending_of(treatments).isna() & ~delivered)
    return left & ~treatments["reliable_improvement"].astype("boolean")


def _once_rated_twice(treatments: pd.DataFrame, limits: DropoutLimits) -> Span:
    return treatments["rated_by"], np.inf


def _first_sessions(treatments: pd.DataFrame, limits: DropoutLimits) -> pd.Series:
    ending = ending_of(treatments)
    left = (~ending.isin([*AGREED, ONGOING])).astype("boolean").mask(ending.isna())
    return left & (treatments["attended"] < limits.first_sessions)


def _until_n(treatments: pd.DataFrame, limits: DropoutLimits) -> Span:
    return 0.0, float(limits.first_sessions)


def ending_of(treatments: pd.DataFrame) -> pd.Series:
    """Read how the treatments ended."""
    return treatments["ending"].astype("string")


DROPOUT_DEFINITIONS: dict[str, DropoutDefinition] = {
    "recorded_ending": DropoutDefinition(_recorded_ending),
    "therapist_judgement": DropoutDefinition(_yes_no("therapist_judged_dropout")),
    "missed_last_appointment": DropoutDefinition(_yes_no("missed_last_appointment")),
    "fewer_than_planned": DropoutDefinition(_fewer_than_planned, _until_the_share),
    "no_reliable_improvement": DropoutDefinition(_no_reliable_improvement, _once_rated_twice),
    "first_sessions": DropoutDefinition(_first_sessions, _until_n),
}
