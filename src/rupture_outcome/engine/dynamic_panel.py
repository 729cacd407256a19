r"""Effects within persons free of Nickell's bias: a dynamic panel by maximum likelihood.

.. math::
    y_{it} = \mu_t + \phi y_{i,t-1} + x_{i,t-1}^\top \beta + w_i^\top \gamma + \alpha_i + e_{it}

The effect α of a person correlates with all lagged predictors and with the first outcome. Errors
have no covariance with *exogenous* predictors; with *predetermined* ones, which may answer to the
outcome, they have one as soon as the predictor comes later. Nothing is centred, and no person's
mean enters, so that φ and β are consistent however few rows a person has (Allison, Williams and
Moral-Benito 2017, recalled). Missing rows are no obstacle: the likelihood is that of what was
observed, by `path_model`. In R: ``dpm::dpm(y ~ pre(lag(x)), error.inv = TRUE, missing = "fiml")``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.path_model import (
    PathFit,
    PathModel,
    Slot,
    fit_paths,
    in_units,
    remarks,
)
from rupture_outcome.engine.reasons import reason

CARRY_OVER = "carry_over"
FEWEST_TIMES = 3


@dataclass(frozen=True)
class PanelEffects:
    """Estimates of a dynamic panel.

    Parameters
    ----------
    estimates : dict of str to Estimate
        `carry_over` (φ), and one for each predictor, under its name.
    persons, times : int
        Persons with any value, and times.
    fit : PathFit or None
        With χ², its degrees of freedom, log-likelihood, RMSEA and CFI; its parameters are those of
        measures in units of their SD.
    reason : str
        Why there is no estimate, or what must be known of those that there are, coded.
    """

    estimates: dict[str, Estimate]
    persons: int
    times: int
    fit: PathFit | None
    reason: str


def dynamic_panel(
    rows: pd.DataFrame,
    outcome: str,
    person: str,
    time: str,
    predetermined: Sequence[str] = (),
    exogenous: Sequence[str] = (),
    constant: Sequence[str] = (),
    free_errors: bool = False,
) -> PanelEffects:
    """Estimate what predictors say of an outcome one time later, within persons.

    Parameters
    ----------
    rows : DataFrame
        One row a person and time; times are whole numbers, and those that nobody has count.
    outcome, person, time : str
        Columns.
    predetermined, exogenous : sequence of str
        Columns of predictors, taken one time before the outcome.
    constant : sequence of str
        Columns of what a person has once and for all; unrelated to α.
    free_errors : bool
        Whether the variance of errors differs between times.

    Returns
    -------
    PanelEffects

    Notes
    -----
    Parameters grow with the square of times × predictors: take the first ten or twelve times.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.normal(size=(2, 400, 5))
    >>> trait = rng.normal(size=(400, 1))
    >>> for t in range(1, 5):
    ...     y[:, t] += 0.5 * x[:, t - 1]
    >>> rows = pd.DataFrame({"p": np.repeat(np.arange(400), 5), "s": [*range(5)] * 400})
    >>> rows = rows.assign(x=(x + trait).ravel(), y=(y + trait).ravel())
    >>> found = dynamic_panel(rows, "y", "p", "s", predetermined=["x"])
    >>> found.fit.converged, found.fit.df, round(found.estimates["x"].value, 1)
    (True, 18, 0.5)
    """
    times = range(int(rows[time].min()), int(rows[time].max()) + 1)
    wide = {
        name: wide_values(rows, name, person, time, times)
        for name in (outcome, *predetermined, *exogenous)
    }
    once = {name: rows.groupby(person)[name].first().to_numpy(dtype=float) for name in constant}
    scale = {name: float(np.nanstd(each)) for name, each in (wide | once).items()}
    persons = len(next(iter(wide.values())))
    still = [name for name, sd in scale.items() if not sd > 0]
    if still:
        return PanelEffects({}, persons, len(times), None, reason("left_out", ",".join(still)))
    layout = _Layout(len(times), len(predetermined), len(exogenous), len(constant), free_errors)
    if len(times) < FEWEST_TIMES or persons <= layout.observed:
        return PanelEffects({}, persons, len(times), None, reason("too_few_persons"))
    columns = {outcome: wide[outcome]}
    columns |= {name: wide[name][:, :-1] for name in (*predetermined, *exogenous)}
    columns |= {name: values[:, None] for name, values in once.items()}
    units = np.concatenate([np.full(each.shape[1], scale[k]) for k, each in columns.items()])
    values = np.column_stack(list(columns.values())) / units
    if not np.isfinite(values).any(axis=0).all():
        return PanelEffects({}, persons, len(times), None, reason("too_few_persons"))
    fit = in_units(fit_paths(layout.model, values, layout.start(values)), values, units)
    caution = remarks(fit)
    names = [CARRY_OVER, *predetermined, *exogenous, *constant]
    turned = [1.0, *(scale[outcome] / scale[name] for name in names[1:])]
    errors = np.sqrt(np.diag(fit.cov))
    estimates = {
        name: Estimate(float(fit.theta[k] * unit), float(errors[k] * unit), caution)
        for k, (name, unit) in enumerate(zip(names, turned, strict=True))
    }
    return PanelEffects(estimates, fit.n, len(times), fit, caution)


def wide_values(rows: pd.DataFrame, name: str, person: str, time: str, times: range) -> Floats:
    """Lay a column out with a row for each person and a column for each time, NaN where none is.

    Parameters
    ----------
    rows : DataFrame
    name, person, time : str
        Columns.
    times : range

    Examples
    --------
    >>> rows = pd.DataFrame({"p": [1, 1, 2], "s": [1, 3, 1], "x": [5, 6, 7]})
    >>> wide_values(rows, "x", "p", "s", range(1, 4)).tolist()
    [[5.0, nan, 6.0], [7.0, nan, nan]]
    """
    table = rows.set_index([person, time])[name].unstack()  # noqa: PD010
    return table.reindex(columns=list(times)).to_numpy(dtype=float)


class _Layout:
    """Places of variables and parameters.

    Variables are outcomes, lagged predictors one after the other, constants, and last α. The first
    parameters are φ, β and γ.
    """

    def __init__(
        self, times: int, predetermined: int, exogenous: int, constant: int, free_errors: bool
    ) -> None:
        lags, predictors = times - 1, predetermined + exogenous
        self.later = range(1, times)
        first_constant = times + predictors * lags
        self.observed = self.alpha = first_constant + constant
        slots = []
        for t in self.later:
            causes = [t - 1, *(times + k * lags + t - 1 for k in range(predictors))]
            causes += range(first_constant, self.observed)
            slots += [Slot("path", t, cause, effect) for effect, cause in enumerate(causes)]
        given = [0, *range(times, self.observed)]  # what the model does not explain
        pairs = [(a, b) for i, a in enumerate(given) for b in given[: i + 1]]
        pairs += [(self.alpha, self.alpha)]
        pairs += [(self.alpha, a) for a in given if a < first_constant]
        # An error goes with what a predetermined predictor is later on.
        pairs += [
            (t, times + k * lags + later)
            for k in range(predetermined)
            for t in self.later
            for later in range(t + 1, lags)
        ]
        effects = 1 + predictors + constant
        slots += [Slot("covariance", *pair, effects + k) for k, pair in enumerate(pairs)]
        error = effects + len(pairs)
        slots += [
            Slot("covariance", t, t, error + free_errors * k) for k, t in enumerate(self.later)
        ]
        paths = np.zeros((self.alpha + 1, self.alpha + 1))
        paths[1:times, self.alpha] = 1.0
        parameters = slots[-1].parameter + 1
        self.model = PathModel(
            self.observed, self.alpha + 1, paths, np.zeros_like(paths), tuple(slots), parameters
        )

    def start(self, values: Floats) -> Floats:
        """No effects, half of the outcome's variance between persons, others as they are seen."""
        theta = np.zeros(self.model.parameters)
        variances = np.nanvar(values, axis=0)
        of_outcome = float(np.nanmean(variances[list(self.later)]))
        for slot in self.model.slots:
            if slot.where == "covariance" and slot.row == slot.column:
                inside = slot.row == self.alpha or slot.row in self.later
                theta[slot.parameter] = 0.5 * of_outcome if inside else variances[slot.row]
        return theta
