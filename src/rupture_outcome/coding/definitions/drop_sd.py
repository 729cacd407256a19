"""A fall from the previous session by a number of standard deviations."""

from collections.abc import Mapping
from typing import Literal

from rupture_outcome.coding.limits import below_previous
from rupture_outcome.coding.registry import definition
from rupture_outcome.coding.rules import MULTIPLES_OF_SD, Threshold
from rupture_outcome.coding.scales import (
    Constant,
    Constants,
    Instrument,
    sample_sd,
    within_person_sd,
)
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.settings import Column, Positive
from rupture_outcome.coding.verdicts import Verdicts, from_fall
from rupture_outcome.engine.arrays import Floats

Sd = Literal["stricter", "within", "sample"]


def constants(panel: Panel, instrument: Instrument, *, source: str, k: float, sd: str) -> Constants:
    """Both SDs of the study's scores and the threshold k·SD.

    Parameters
    ----------
    panel : Panel
    instrument : Instrument
        Not read.
    source, k, sd
        As in `drop_sd`.
    """
    return sd_threshold(panel, panel[source], k, sd)


def sd_threshold(panel: Panel, score: Floats, k: float, sd: str) -> Constants:
    """Both SDs and the threshold.

    Parameters
    ----------
    panel : Panel
    score : ndarray of float, shape (N,)
    k, sd
        As in `drop_sd`.

    Returns
    -------
    mapping of str to Constant
        `within_person_sd`, `sample_sd` and `threshold`, in points of the score.

    Examples
    --------
    Between patients scores differ more than within them, so the SD of all is the stricter one:

    >>> import pandas as pd
    >>> scores = {"session": [1, 2, 1, 2], "score": [50, 40, 30, 30]}
    >>> panel = Panel.from_sessions(pd.DataFrame({"patient_id": list("aabb"), **scores}), ["score"])
    >>> found = sd_threshold(panel, panel["score"], k=1.0, sd="stricter")
    >>> {name: round(constant.value, 2) for name, constant in found.items()}
    {'within_person_sd': 5.0, 'sample_sd': 9.57, 'threshold': 9.57}
    """
    within, sample = within_person_sd(panel, score), sample_sd(panel, score)
    options = {"within": within, "sample": sample, "stricter": max(within, sample, key=_size)}
    used = options[sd]
    threshold = Constant(k * used.value, used.n)
    return {"within_person_sd": within, "sample_sd": sample, "threshold": threshold}


def _size(constant: Constant) -> float:
    return constant.value if constant.value == constant.value else -1.0


@definition(
    id="drop_sd",
    kind_class="prospective",
    provenance="verified",
    source="Gumz, Brähler, Geyer & Erices 2012, doi:10.1186/1471-2288-12-10",
    needs=("{source}",),
    constants=constants,
    threshold=Threshold("k", MULTIPLES_OF_SD),
    limit=below_previous,
)
def drop_sd(
    panel: Panel,
    constants: Mapping[str, float],
    *,
    source: Column = "alliance_patient",
    k: Positive = 1.0,
    sd: Sd = "stricter",
) -> Verdicts:
    r"""Fall from the previous rated session's score of at least k SD.

    .. math:: x_{s-1} - x_s \ge k \cdot SD

    Parameters
    ----------
    panel : Panel
    constants : mapping
        `threshold`.
    source : str
        Column of scores.
    k : float
        1 (lenient) or 2 (strict); the source proposes to report both.
    sd : {"stricter", "within", "sample"}
        Pooled within persons, of all scores, or the larger of the two: the stricter one flags
        neither small dips in flat courses nor ordinary swings in restless ones.

    Notes
    -----
    From the source are the two multiples and the stricter of two SDs. The SD within one patient's
    whole course looks ahead; pooled over patients and estimated once, it does not, so the pooled
    one stands for it here.

    Examples
    --------
    >>> import pandas as pd
    >>> scores = {"session": [1, 2, 3, 4], "alliance_patient": [50, 45, 37, 44]}
    >>> frame = pd.DataFrame({"patient_id": "a", **scores})
    >>> panel = Panel.from_sessions(frame, ["alliance_patient"])
    >>> drop_sd(panel, {"threshold": 8.0}).detected.tolist()
    [False, False, True, False]
    """
    return from_fall(panel, panel[source], constants["threshold"])
