"""How near one person's judgement comes to another's: how far off on the whole, and in step."""

from typing import Any

import pandas as pd

from rupture_outcome.engine.growth.model import NestedGrowth


def truth_and_bias(
    rows: pd.DataFrame, judgement: str, truth: str, patient: str, therapist: str | None = None
) -> Any:
    r"""Directional bias and tracking accuracy of judgements, sessions in patients in therapists.

    .. math:: J_{ij} - \bar T_i = (b + u_i + c_k) + (a + v_i)(T_{ij} - \bar T_i) + e_{ij}

    for session j of patient i with therapist k. The intercept b is the directional bias, in points
    of the scale: below 0 where judgements lie below the truth. The slope a is the tracking
    accuracy: 1 where judgements follow the truth point by point, 0 where they do not. It looks
    back on a whole series of sessions: not for a model of what comes after one of them.

    Parameters
    ----------
    rows : DataFrame
        One row a session. Sessions that lack one of both ratings are left out.
    judgement, truth : str
        Columns with both ratings of the same thing, on the same scale.
    patient, therapist : str, or None
        Columns with labels; no therapist: two levels.

    Returns
    -------
    NestedGrowthResults
        With the coefficients `bias` and `tracking`.

    Raises
    ------
    ModelError
        As for `NestedGrowth`.

    Notes
    -----
    West and Kenny 2011 (recalled). In R: `lmer(off ~ in_step + (1 + in_step | patient) +
    (1 | therapist))`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"patient": np.repeat(range(50), 8), "own": rng.normal(5, 1, 400)})
    >>> person = rng.normal(0, 0.5, 50)[rows["patient"]]
    >>> rows["theirs"] = 4.5 + person + 0.4 * (rows["own"] - 5) + rng.normal(0, 0.5, 400)
    >>> truth_and_bias(rows, "theirs", "own", "patient").params.round(1).to_dict()
    {'bias': -0.4, 'tracking': 0.4}
    """
    levels = [patient] if therapist is None else [patient, therapist]
    both = rows[[*levels, judgement, truth]].dropna()
    usual = both.groupby(patient)[truth].transform("mean")
    design = pd.DataFrame({"bias": 1.0, "tracking": both[truth] - usual})
    whom = None if therapist is None else both[therapist]
    return NestedGrowth(
        both[judgement] - usual, design, both[patient], design["tracking"], whom
    ).fit()
