"""Ruptures by what observers marked in the segments of a session."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from rupture_outcome.coding.definitions.observer import BITS, OF_KIND, Kind
from rupture_outcome.coding.limits import least as at_least
from rupture_outcome.coding.markers import marker_column
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.rules import Threshold
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import NotNegative, Salience
from rupture_outcome.coding.verdicts import MISSING_SCORE, NONE, TIE, Verdicts, reached


def needs(
    *, party: str, kind: str, least: float, per: str, salience: float | None
) -> dict[str, str]:
    """Columns of markers, by the kind that they count.

    Parameters
    ----------
    party, kind, least, per, salience
        As in `observer_markers`.

    Examples
    --------
    >>> needs(party="patient", kind="withdrawal", least=1.0, per="hour", salience=None)
    {'markers:withdrawal:patient:hour:': 'withdrawal'}
    """
    return {marker_column(one, party, per, salience): one for one in OF_KIND[kind]}


@definition(
    id="observer_markers",
    kind_class="prospective",
    provenance="project",
    source="markers as in the Rupture Resolution Rating System, 3RS v2022; the rule is ours",
    needs=needs,
    threshold=Threshold("least", (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)),
    limit=at_least("least"),
)
def observer_markers(
    panel: Panel,
    constants: Mapping[str, float],
    *,
    party: Literal["any", "patient", "therapist"] = "any",
    kind: Kind = "any",
    least: NotNegative = 1.0,
    per: Literal["session", "hour"] = "session",
    salience: Salience | None = None,
) -> Verdicts:
    r"""Enough markers of withdrawal or confrontation, by patient or therapist; keeps which kind.

    .. math:: \frac 1 R \sum_{r=1}^R n_{rs} \ge m, \quad n_{rs} > 0 \text{ for some } r

    with n markers seen by rater r in session s.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        None are used.
    party : {"any", "patient", "therapist"}
        Whose markers count: ruptures that the patient shows, or the therapist. A marker without a
        party counts under any only.
    kind : {"any", "withdrawal", "confrontation"}
        Which markers count.
    least : float
        m, mean over the raters who coded the session. At 1 and with two raters, one marker that
        only one of them saw is not enough.
    per : {"session", "hour"}
        Whether m is a number of markers or a rate: longer sessions hold more of them.
    salience : float, optional
        Least salience (1–5) of a marker that counts; if not given, every one does.

    Notes
    -----
    A session that nobody coded by segment is not testable; one that was coded and holds no marker
    has no rupture. A rater without a marker in the whole study is taken not to have coded
    segments. Finer segments hold more markers, so do not compare studies with segments of
    different length.

    Examples
    --------
    Of two raters one saw a withdrawal in session 1 (a mean of 0.5), both saw one in session 2:

    >>> import pandas as pd
    >>> column = marker_column("withdrawal", "any", "session", None)
    >>> frame = pd.DataFrame({"patient_id": "a", "session": [1, 2], column: [0.5, 1.0]})
    >>> panel = Panel.from_sessions(frame, [column])
    >>> observer_markers(panel, {}, kind="withdrawal").detected.tolist()
    [False, True]
    """
    columns = needs(party=party, kind=kind, least=least, per=per, salience=salience)
    numbers = [panel[column] for column in columns]
    total = np.sum(numbers, axis=0)
    shown = [
        (number > TIE) * BITS[one] for number, one in zip(numbers, columns.values(), strict=True)
    ]
    uncoded = np.where(np.isnan(total), MISSING_SCORE, NONE).astype(np.int8)
    return Verdicts.of(reached(total, least) & (total > TIE), uncoded, np.sum(shown, axis=0))
