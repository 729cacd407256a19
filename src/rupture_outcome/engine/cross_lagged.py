r"""Two measures that answer to each other within persons: a random-intercept cross-lagged panel.

.. math:: x_{it} &= \mu_t + \xi_i + p_{it}, \quad p_{it} = a\, p_{i,t-1} + b\, q_{i,t-1} + u_{it} \\
    y_{it} &= \nu_t + \eta_i + q_{it}, \quad q_{it} = c\, p_{i,t-1} + d\, q_{i,t-1} + v_{it}

What persons differ by for good (ξ, η) is a latent variable, not a mean of few rows, so that the
paths within persons have no Nickell bias. Means are free at each time, which takes a common trend
out; with `slopes`, each person has a straight line of their own besides. By `path_model`, with full
information over missing rows. Hamaker, Kuiper and Grasman 2015; with slopes Curran and others 2014;
recalled. In R: ``lavaan``, from a model of some dozens of lines.
"""

import numpy as np
import pandas as pd

from rupture_outcome.engine.arrays import Floats
from rupture_outcome.engine.dynamic_panel import PanelEffects, wide_values
from rupture_outcome.engine.estimate import Estimate
from rupture_outcome.engine.path_model import PathModel, Slot, fit_paths, in_units, remarks
from rupture_outcome.engine.reasons import reason

# a, d, b, c; with free paths followed by the time they lead to.
NAMES = ("first_carry_over", "second_carry_over", "second_to_first", "first_to_second")
FEWEST_TIMES = 3


def cross_lagged(
    rows: pd.DataFrame,
    first: str,
    second: str,
    person: str,
    time: str,
    free_paths: bool = False,
    correlated: bool = True,
    slopes: bool = False,
) -> PanelEffects:
    """Estimate paths between two measures within persons.

    Parameters
    ----------
    rows : DataFrame
        One row a person and time; times are whole numbers, and those that nobody has count.
    first, second, person, time : str
        Columns.
    free_paths : bool
        Whether paths and residual variances differ between times.
    correlated : bool
        Whether what happens to both measures at one time (u and v) may have a covariance.
    slopes : bool
        Whether persons have straight lines of their own.

    Returns
    -------
    PanelEffects
        Under `NAMES`, in units of the measures.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.normal(size=(2, 500, 5))
    >>> for t in range(1, 5):
    ...     y[:, t] += 0.4 * x[:, t - 1]
    >>> rows = pd.DataFrame({"p": np.repeat(np.arange(500), 5), "s": [*range(5)] * 500})
    >>> trait = rng.normal(size=(500, 1))
    >>> rows = rows.assign(x=(x + trait).ravel(), y=(y - trait).ravel())
    >>> found = cross_lagged(rows, "x", "y", "p", "s")
    >>> found.fit.df, round(found.estimates["first_to_second"].value, 1)
    (42, 0.4)
    """
    times = range(int(rows[time].min()), int(rows[time].max()) + 1)
    wide = [wide_values(rows, name, person, time, times) for name in (first, second)]
    scale = [float(np.nanstd(each)) for each in wide]
    n = len(wide[0])
    still = [name for name, sd in zip((first, second), scale, strict=True) if not sd > 0]
    if still:
        return PanelEffects({}, n, len(times), None, reason("left_out", ",".join(still)))
    values = np.column_stack([each / sd for each, sd in zip(wide, scale, strict=True)])
    seen = np.isfinite(values).any(axis=0).all()
    if len(times) < FEWEST_TIMES or n <= values.shape[1] or not seen:
        return PanelEffects({}, n, len(times), None, reason("too_few_persons"))
    model, names = _structure(len(times), free_paths, correlated, slopes)
    fit = fit_paths(model, values, _start(model, 2 * len(times)))
    fit = in_units(fit, values, np.repeat(scale, len(times)))
    caution = remarks(fit)
    units = dict(zip(NAMES, (1.0, 1.0, scale[0] / scale[1], scale[1] / scale[0]), strict=True))
    errors = np.sqrt(np.diag(fit.cov))
    estimates = {}
    for k, name in enumerate(names):
        unit = units[name.split(":")[0]]
        estimates[name] = Estimate(float(fit.theta[k] * unit), float(errors[k] * unit), caution)
    return PanelEffects(estimates, fit.n, len(times), fit, caution)


def _structure(
    times: int, free_paths: bool, correlated: bool, slopes: bool
) -> tuple[PathModel, list[str]]:
    """Variables are both measures, what is within persons of both, then intercepts and slopes."""
    observed = 2 * times
    p, q = range(observed, observed + times), range(observed + times, 2 * observed)
    traits = range(2 * observed, 2 * observed + (4 if slopes else 2))
    size = traits[-1] + 1
    paths = np.zeros((size, size))
    for t in range(times):
        paths[t, [p[t], traits[0]]] = paths[times + t, [q[t], traits[1]]] = 1.0
        if slopes:
            paths[t, traits[2]] = paths[times + t, traits[3]] = t / (times - 1)
    later = range(1, times)
    slots = [
        Slot("path", to[t], cause[t - 1], len(NAMES) * (t - 1) * free_paths + k)
        for t in later
        for k, (to, cause) in enumerate(((p, p), (q, q), (p, q), (q, p)))
    ]
    names = [f"{name}:{t + 1}" for t in later for name in NAMES] if free_paths else [*NAMES]
    count = len(names)
    pairs = [(a, b) for a in traits for b in traits if b <= a]
    pairs += [(p[0], p[0]), (q[0], q[0]), (p[0], q[0])]
    slots += [Slot("covariance", *pair, count + k) for k, pair in enumerate(pairs)]
    count += len(pairs)
    kinds = [(p, p), (q, q), *([(p, q)] if correlated else [])]
    slots += [
        Slot("covariance", one[t], other[t], count + len(kinds) * (t - 1) * free_paths + k)
        for t in later
        for k, (one, other) in enumerate(kinds)
    ]
    parameters = slots[-1].parameter + 1
    return PathModel(observed, size, paths, np.zeros((size, size)), tuple(slots), parameters), names


def _start(model: PathModel, observed: int) -> Floats:
    theta = np.zeros(model.parameters)
    for slot in model.slots:
        if slot.where == "covariance" and slot.row == slot.column:
            theta[slot.parameter] = 0.5 if slot.row < 2 * observed + 2 else 0.1
    return theta
