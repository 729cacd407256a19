"""A fall from the previous session that exceeds what measurement error explains."""

from collections.abc import Mapping
from typing import Literal

from rupture_outcome.coding.limits import below_previous
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.rules import Threshold
from rupture_outcome.coding.scales import (
    Constant,
    Constants,
    Instrument,
    first_session_sd,
    reliable_change,
    sample_sd,
)
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Column, Positive, Reliability
from rupture_outcome.coding.verdicts import Verdicts, from_fall
from rupture_outcome.errors import Problem, StudyError

Spread = Literal["first_session", "all_sessions"]


def constants(
    panel: Panel,
    instrument: Instrument,
    *,
    source: str,
    sd: str | float,
    reliability: float | None,
) -> Constants:
    """Spread, reliability and the threshold of reliable change.

    Parameters
    ----------
    panel : Panel
    instrument : Instrument
        With its reliability, if none is given.
    source, sd, reliability
        As in `drop_rci`.
    """
    return reliable_threshold("drop_rci", panel, instrument, source, sd, reliability)


def reliable_threshold(
    id: str,
    panel: Panel,
    instrument: Instrument,
    source: str,
    sd: str | float = "first_session",
    reliability: float | None = None,
) -> Constants:
    """Spread, reliability and threshold for the definition that asks for them.

    Parameters
    ----------
    id : str
        Definition that asks, for messages.
    panel : Panel
    instrument : Instrument
    source, sd, reliability
        As in `drop_rci`.

    Returns
    -------
    mapping of str to Constant
        `sd` and `threshold` in points of the score, `reliability`.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"patient_id": list("ab"), "session": 1, "score": [40, 50]})
    >>> panel = Panel.from_sessions(frame, ["score"])
    >>> found = reliable_threshold("drop_rci", panel, Instrument(reliability=0.92), "score")
    >>> round(found["sd"].value, 3), round(found["threshold"].value, 3)  # 1.96 · √2 · s · √0.08
    (7.071, 5.544)
    """
    spread = _spread(panel, source, sd)
    r = instrument.reliability if reliability is None else reliability
    if r is None:
        raise _no_reliability(id, source)
    threshold = Constant(reliable_change(spread.value, r), spread.n)
    return {"sd": spread, "reliability": Constant(r), "threshold": threshold}


def _spread(panel: Panel, source: str, sd: str | float) -> Constant:
    if isinstance(sd, int | float):
        return Constant(float(sd))
    spread = {"first_session": first_session_sd, "all_sessions": sample_sd}
    return spread[sd](panel, panel[source])


def _no_reliability(id: str, source: str) -> StudyError:
    return StudyError(
        [
            Problem(
                f"config, coding.definitions.{id}",
                f"reliable change needs a reliability, and none is known for '{source}'",
                "give the instrument that measures it a 'reliability'",
            )
        ]
    )


@definition(
    id="drop_rci",
    kind_class="prospective",
    provenance="verified",
    source="Jacobson & Truax 1991, doi:10.1037/0022-006X.59.1.12",
    needs=("{source}",),
    constants=constants,
    threshold=Threshold("threshold", axis="points"),
    limit=below_previous,
)
def drop_rci(
    panel: Panel,
    constants: Mapping[str, float],
    *,
    source: Column = "alliance_patient",
    sd: Spread | Positive = "first_session",
    reliability: Reliability | None = None,
) -> Verdicts:
    r"""Reliable fall from the previous rated session's score.

    .. math:: x_{s-1} - x_s \ge 1.96 \cdot \sqrt 2 \cdot s \sqrt{1 - r}

    Parameters
    ----------
    panel : Panel
    constants : mapping
        `threshold`.
    source : str
        Column of scores.
    sd : {"first_session", "all_sessions"} or float
        s: between patients at their first rated session (the source's pre-treatment SD), over
        all scores, or a published value on the same scale.
    reliability : float, optional
        r; the instrument's in the config if not given.

    Notes
    -----
    The source's index is for change from before to after treatment; that it is applied from one
    session to the next is usual and not from the source.

    Examples
    --------
    >>> import pandas as pd
    >>> scores = {"session": [1, 2, 3, 4], "alliance_patient": [50, 45, 39, 44]}
    >>> frame = pd.DataFrame({"patient_id": "a", **scores})
    >>> panel = Panel.from_sessions(frame, ["alliance_patient"])
    >>> drop_rci(panel, {"threshold": reliable_change(10.5, 0.961)}).detected.tolist()  # 5.7 points
    [False, False, True, False]
    """
    return from_fall(panel, panel[source], constants["threshold"])
