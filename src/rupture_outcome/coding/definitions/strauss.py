"""A fall from one session to the next, and back."""

from collections.abc import Mapping

from rupture_outcome.coding.definitions.drop_sd import Sd, sd_threshold
from rupture_outcome.coding.fall_and_return import fall_and_return
from rupture_outcome.coding.limits import below_previous
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.scales import Constants, Instrument
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Column, Positive, PositiveShare, Sessions
from rupture_outcome.coding.verdicts import Verdicts


def constants(
    panel: Panel,
    instrument: Instrument,
    *,
    source: str,
    k: float,
    sd: str,
    within: int,
    recovery: float,
) -> Constants:
    """Both SDs of the study's scores and the threshold k·SD.

    Parameters
    ----------
    panel : Panel
    instrument : Instrument
        Not read.
    source, k, sd, within, recovery
        As in `strauss`.
    """
    return sd_threshold(panel, panel[source], k, sd)


@definition(
    id="strauss",
    kind_class="retrospective",
    provenance="recalled",
    source="Strauss et al. 2006",
    needs=("{source}",),
    constants=constants,
    limit=below_previous,
)
def strauss(
    panel: Panel,
    constants: Mapping[str, float],
    *,
    source: Column = "alliance_patient",
    k: Positive = 1.0,
    sd: Sd = "stricter",
    within: Sessions = 3,
    recovery: PositiveShare = 1.0,
) -> Verdicts:
    r"""Fall from the previous rated session's score, and return to it.

    .. math:: x_{s-1} - x_s \ge k \cdot SD, \quad
              \max_{s < t \le s+w} x_t \ge x_s + q\,(x_{s-1} - x_s)

    Parameters
    ----------
    panel : Panel
    constants : mapping
        `threshold`.
    source : str
        Column of scores.
    k : float
        1 is what is recalled of the source.
    sd : {"stricter", "within", "sample"}
        As in `drop_sd`. Which SD the source uses is not verified.
    within : int
        w, attended sessions in which the score must come back.
    recovery : float
        q, the share of the fall to be made good.

    Notes
    -----
    `drop_sd` with a return: a rupture that stays open is not seen, and the last w sessions cannot
    be tested. A patient who improves returns more easily than one who gets worse, since no trend
    is taken out.

    Examples
    --------
    A fall of 10 that is made good two sessions later; the last three sessions have no sequel:

    >>> import pandas as pd
    >>> scores = {"session": range(1, 6), "alliance_patient": [50, 40, 44, 50, 50]}
    >>> frame = pd.DataFrame({"patient_id": "a", **scores})
    >>> coded = strauss(Panel.from_sessions(frame, ["alliance_patient"]), {"threshold": 8.0})
    >>> coded.testable.tolist(), coded.detected.tolist()
    ([False, True, False, False, False], [False, True, False, False, False])
    """
    return fall_and_return(
        panel, panel[source], constants["threshold"], within=within, recovery=recovery
    )
