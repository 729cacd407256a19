"""Where definitions draw the line: the score at or below which each one would see a rupture."""

from collections.abc import Callable, Mapping

import numpy as np

from rupture_outcome.coding.definitions.running_chart import D2
from rupture_outcome.coding.definitions.v_shape import trend
from rupture_outcome.coding.inputs import ChosenDefinition
from rupture_outcome.coding.series import Panel
from rupture_outcome.engine.arrays import Floats

Constants = Mapping[str, float]
Limit = Callable[[Panel, ChosenDefinition, Constants], Floats]


def limit_of(base: str, panel: Panel, chosen: ChosenDefinition, constants: Constants) -> Floats:
    """Limit of a definition at every row of a panel, on the scale of what it looks at.

    For scores the limit says how low a score must be for the first criterion of the definition;
    retrospective ones ask for more, such as a return. For tension and salience it is the least
    that counts. A definition without a limit, such as a change point, has none (NaN).

    Parameters
    ----------
    base : str
        Id of the definition, whatever name `chosen` goes by.
    panel : Panel
    chosen : ChosenDefinition
    constants : mapping
        Its scale constants.
    """
    find = LIMITS.get(base)
    return np.full(len(panel), np.nan) if find is None else find(panel, chosen, constants)


def _fall(panel: Panel, chosen: ChosenDefinition, constants: Constants) -> Floats:
    return panel.previous(panel[chosen.source]) - constants["threshold"]


def _loss(panel: Panel, chosen: ChosenDefinition, constants: Constants) -> Floats:
    size = max(constants["cut"], chosen.parameters["share"] * constants["range"])
    return panel.previous(panel[chosen.source]) - size


def _running(panel: Panel, chosen: ChosenDefinition, constants: Constants) -> Floats:
    score = panel[chosen.source]
    mean, _ = panel.earlier_mean(score)
    moving_range, _ = panel.earlier_mean(panel.ranges(score))
    return _below(mean, moving_range, chosen, constants)


def _whole(panel: Panel, chosen: ChosenDefinition, constants: Constants) -> Floats:
    score = panel[chosen.source]
    ranges = panel.ranges(score)
    return _below(_mean(panel, score), _mean(panel, ranges), chosen, constants)


def _below(
    mean: Floats, moving_range: Floats, chosen: ChosenDefinition, constants: Constants
) -> Floats:
    wide = chosen.parameters["sigmas"] * moving_range / D2
    return mean - np.fmax(wide, constants["floor"])


def _mean(panel: Panel, values: Floats) -> Floats:
    known = ~np.isnan(values)
    n = np.bincount(panel.patient[known], minlength=len(panel.ids))
    total = np.bincount(panel.patient[known], values[known], minlength=len(panel.ids))
    return np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)[panel.patient]


def _v_shape(panel: Panel, chosen: ChosenDefinition, constants: Constants) -> Floats:
    score = panel[chosen.source]
    line = trend(panel, score)
    pooled = np.full(len(panel.ids), constants["deviation_sd"])
    sd = {"pooled": pooled, "own": line.sd, "stricter": np.fmax(pooled, line.sd)}
    fall = chosen.parameters["k"] * sd[chosen.parameters["sd"]][panel.patient]
    return score - line.deviation + panel.previous(line.deviation) - fall


def _least(parameter: str) -> Limit:
    def find(panel: Panel, chosen: ChosenDefinition, constants: Constants) -> Floats:
        least = chosen.parameters[parameter]
        return np.full(len(panel), np.nan if least is None else float(least))

    return find


LIMITS: dict[str, Limit] = {
    "drop_sd": _fall,
    "drop_rci": _fall,
    "strauss": _fall,
    "sudden_loss": _loss,
    "running_chart": _running,
    "control_chart": _whole,
    "v_shape": _v_shape,
    "psq_patient": _least("tension"),
    "psq_therapist": _least("tension"),
    "observer": _least("threshold"),
}
