"""Sudden gains and losses: which steps can be analysed, one row an event, one row a person."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.slots import Slots
from rupture_outcome.coding.sudden_criteria import MET, Criteria, Judged, judge
from rupture_outcome.coding.sudden_tables import (
    events_table,
    intervals_table,
    persons_table,
    total_change,
)


@dataclass(frozen=True)
class SuddenChanges:
    """Sudden changes of several persons.

    Parameters
    ----------
    events : pandas.DataFrame
        One row a sudden change: patient_id, event (1, 2, … within the person), before and after
        (numbers of the two sessions), n_minus_2 … n_plus_3 (scores around it; n is the session
        before), magnitude, total_change (first rated score to last one, in the direction of the
        change), share_of_change (missing where the total is 0; negative where it goes the other
        way), reversed, reversed_at (number of the first session from n + 2 on with more than half
        of the change lost; missing if there is none).
    persons : pandas.DataFrame
        One row a person: patient_id, testable (steps that could be analysed), changes, verdict
        (detected, not_detected, or not_testable without any testable step), first and largest
        (session before the first and the largest change; the earlier of equals),
        largest_magnitude, any_reversed (missing without a change), total_change.
    """

    events: pd.DataFrame
    persons: pd.DataFrame
    slots: Slots
    judged: Judged
    criteria: Criteria

    @property
    def intervals(self) -> pd.DataFrame:
        """One row a step between neighbouring sessions, with each criterion's own verdict.

        Columns: patient_id, before, after (session numbers), magnitude, size, share, stability
        and all (not_testable, not_met, met). Steps that no data could make testable, at either end
        of a series, are left out.
        """
        return intervals_table(self.slots, self.judged, self.criteria)


def sudden_changes(
    scores: pd.DataFrame | ArrayLike | Panel, *, source: str | None = None, **criteria: Any
) -> SuddenChanges:
    """Code sudden gains or losses by the criteria of Tang & DeRubeis.

    Parameters
    ----------
    scores : pandas.DataFrame or array, shape (P, T), or Panel
        One row a person and one column a session (missing: NaN), or a panel of sessions. Every
        column of a wide table is a session of its own; in a panel, scores are neighbours when it
        lets them be compared. In a panel higher is better, so a gain is a rise there.
    source : str, optional
        Column of a panel.
    **criteria
        See `Criteria`: cut, share, share_of, span, stability, alpha, change.

    Returns
    -------
    SuddenChanges

    Raises
    ------
    ValueError
        Criteria that cannot be applied to these scores.

    Notes
    -----
    A share of the score cannot be asked of a panel's symptom scores, whose sign is turned.

    Source: Tang & DeRubeis 1999, doi:10.1037/0022-006X.67.6.894. In R: `suddengains::bysg` and
    `suddengains::byperson`; these take `stability="package"`.

    Examples
    --------
    >>> coded = sudden_changes([[30, 31, 30, 15, 14, 15, 24, 25]], cut=7)
    >>> coded.events[["before", "after", "magnitude"]].to_numpy().tolist()
    [[3.0, 4.0, 15.0]]
    >>> int(coded.events["reversed_at"].item())
    7
    """
    asked = Criteria(**criteria)
    slots = _slots(scores, source)
    judged = judge(slots.scores, asked)
    before = slots.cell(np.flatnonzero(judged.all == MET))
    total = total_change(slots, asked)
    events = events_table(slots, judged, before, total, asked)
    persons = persons_table(slots, judged, before, total, events, asked)
    return SuddenChanges(events, persons, slots, judged, asked)


def _slots(scores: pd.DataFrame | ArrayLike | Panel, source: str | None) -> Slots:
    if not isinstance(scores, Panel):
        return Slots.of_wide(scores)
    if source is None:
        raise ValueError("a panel holds several columns: name the source")
    return Slots.of_panel(scores, scores[source])
