"""Where a definition draws the line: what a session must be at, or below, to count as a rupture."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rupture_outcome.coding.series import Panel
from rupture_outcome.engine.arrays import Floats

Limit = Callable[[Panel, Mapping[str, float], Mapping[str, Any]], Floats]


def below_previous(
    panel: Panel, constants: Mapping[str, float], parameters: Mapping[str, Any]
) -> Floats:
    """Previous score less the threshold.

    Parameters
    ----------
    panel : Panel
    constants : mapping
        ``threshold``.
    parameters : mapping
        ``source``.

    Returns
    -------
    array, shape (N,)

    Examples
    --------
    >>> import pandas as pd
    >>> scores = {"session": [1, 2], "score": [50, 45]}
    >>> panel = Panel.from_sessions(pd.DataFrame({"patient_id": "a", **scores}), ["score"])
    >>> below_previous(panel, {"threshold": 8.0}, {"source": "score"}).tolist()
    [nan, 42.0]
    """
    return panel.previous(panel[parameters["source"]]) - constants["threshold"]


def least(parameter: str) -> Limit:
    """Limit of a definition that counts what reaches a parameter; NaN where that is not given.

    Examples
    --------
    >>> import pandas as pd
    >>> panel = Panel.from_sessions(pd.DataFrame({"patient_id": ["a"], "session": [1]}), [])
    >>> least("tension")(panel, {}, {"tension": 3}).tolist()
    [3.0]
    """

    def find(panel: Panel, constants: Mapping[str, float], parameters: Mapping[str, Any]) -> Floats:
        given = parameters[parameter]
        return np.full(len(panel), np.nan if given is None else float(given))

    return find
