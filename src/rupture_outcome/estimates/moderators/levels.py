"""What the effect of repair may differ by: a level for every session at risk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from rupture_outcome.cohort.rupture_history import rupture_history
from rupture_outcome.engine.reasons import reason, rounded
from rupture_outcome.estimates.moderators.strategies_so_far import strategy_seen

OF_RUPTURES = ("kind", "strategy")
KIND = "kind"
STRATEGIES = "strategy"


@dataclass(frozen=True)
class Moderator:
    """One moderator, with a level for every row of the risk set.

    Attributes
    ----------
    name : str
        As in the config.
    level : Series of category
        Missing where it is not recorded; aligned with the rows.
    of_rupture : bool
        Whether it describes the current or last rupture, so that sessions before any have no level.
    reason : str
        Why it cannot be used; empty if it can.
    """

    name: str
    level: Any
    of_rupture: bool = False
    reason: str = ""


@dataclass(frozen=True)
class RuptureSources:
    """What is known of ruptures beyond when they were open.

    Attributes
    ----------
    ruptures : DataFrame
        ``patient_id``, ``session``, ``definition``, ``verdict``, ``kind``.
    markers, ratings : DataFrame
        What observers coded.
    """

    ruptures: pd.DataFrame
    markers: pd.DataFrame
    ratings: pd.DataFrame


def moderators_of(
    rows: pd.DataFrame,
    names: Sequence[str],
    patients: pd.DataFrame,
    sources: RuptureSources,
    min_testable: float,
) -> list[Moderator]:
    """Find the level of every moderator in every row.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions of one definition and repair rule, in order of patient and session.
    names : sequence of str
        `models.moderators` of the config: columns of `patients`, "kind" or "strategy".
    patients : DataFrame
        One row a patient.
    sources : RuptureSources
        For "kind" and "strategy".
    min_testable : float
        Least share of sessions since a rupture in which a moderator of ruptures must be known.
    """
    history = rupture_history(rows, sources.ruptures)
    made = []
    for name in names:
        if name not in OF_RUPTURES:
            level = of_patients(rows, patients, name).astype("category")
            made.append(Moderator(name, level, reason=_why_none(level)))
            continue
        if name == "kind":
            # of the last rupture, as it was seen in the session in which it began
            level, what = history["kind_of_rupture"].cat.remove_categories("unknown"), KIND
        else:
            level = strategy_seen(rows, history, sources.markers, sources.ratings)
            what = STRATEGIES
        since = rows["at_risk"] & rows["state"].ne("intact")
        why = _hardly_known(level[since], what, min_testable)
        made.append(Moderator(name, level, of_rupture=True, reason=why))
    return made


def units_of(rows: pd.DataFrame, patients: pd.DataFrame) -> np.ndarray:
    """Give each row the number of its unit: a couple, family or group, or a patient alone.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions; ``patient_id`` is a categorical.
    patients : DataFrame
        ``patient_id``, ``unit_id``.

    Returns
    -------
    array of int, shape (rows,)
        0, 1, …, without gaps.
    """
    unit = of_patients(rows, patients, "unit_id")
    shared = pd.factorize(unit)[0]
    alone = rows["patient_id"].cat.codes.to_numpy(np.int64)
    number = np.where(shared >= 0, shared, shared.max(initial=-1) + 1 + alone)
    return np.unique(number, return_inverse=True)[1]


def of_patients(rows: pd.DataFrame, patients: pd.DataFrame, column: str) -> pd.Series:
    """Put a column of the patients beside every session; missing where there is no value.

    Parameters
    ----------
    rows : DataFrame
        Person-sessions; ``patient_id`` is a categorical.
    patients : DataFrame
        One row a patient.
    column : str
        Of `patients`.

    Returns
    -------
    Series of str
        With the index of `rows`.
    """
    values = patients.set_index("patient_id")[column].astype("string")
    values = values.reindex(rows["patient_id"].cat.categories)
    return values.take(rows["patient_id"].cat.codes.to_numpy()).set_axis(rows.index)


def _hardly_known(level: pd.Series, what: str, least: float) -> str:
    share = float(level.notna().mean()) if len(level) else 0.0
    if share == 0:
        return reason(f"{what}_never_known")
    return reason(f"{what}_hardly_known", rounded(share)) if share < least else ""


def _why_none(level: pd.Series) -> str:
    return "" if level.notna().any() else reason("not_recorded")


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """P values adjusted for their number as Holm (1979) does; missing ones are no tests.

    The i-th smallest of m is multiplied by m − i + 1, and none is smaller than the one before it.
    In R: `p.adjust(p, "holm")`.

    Examples
    --------
    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    known = {key: value for key, value in p.items() if not np.isnan(value)}
    if not known:
        return {}
    adjusted = multipletests(list(known.values()), method="holm")[1]
    return dict(zip(known, adjusted.tolist(), strict=True))
