"""Correlation of therapists' effects on two outcomes, by maximum likelihood."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats
from scipy.optimize import brentq, minimize

from rupture_outcome.engine.multilevel.links import Array
from rupture_outcome.engine.multilevel.steady import steady
from rupture_outcome.engine.reasons import reason
from rupture_outcome.estimates.fit_audit import fit_audit
from rupture_outcome.estimates.therapists.therapist_curves import Curves, Factor, JointLikelihood

LARGEST_SD = 2.0
# exp(−4) is an SD of 0.02: therapists who differ less than that do not differ.
LOG_SD = (-4.0, float(np.log(1.5 * LARGEST_SD)))
NO_SD = -20.0
# The SD of the second effect given the first is 0 where they correlate perfectly.
REST = (-9.0, LOG_SD[1])
STARTS = (-0.6, 0.6)
STEEPEST = 20.0


@dataclass(frozen=True)
class Relation:
    """Correlation ρ and slope ρσ₂/σ₁ of true therapist effects, with profile intervals.

    `p` is that of the likelihood-ratio test of ρ = 0; `audit` is what an audit of the fit needs.
    """

    correlation: float
    correlation_interval: tuple[float, float]
    slope: float
    slope_interval: tuple[float, float]
    sds: tuple[float, float]
    p: float
    llf: float
    audit: Mapping[str, Any]


@steady
def joint_relation(first: Any, second: Any, confidence: float = 0.95) -> Relation:
    """Estimate ρ and the slope by maximum likelihood from two fitted hazards.

    The two SDs, ρ and both intercepts are estimated together; the other coefficients are held at
    the estimates of the separate fits, which a correlation between therapists hardly moves.

    Parameters
    ----------
    first, second : MultilevelHazardResults
        With group SDs above 0.
    confidence : float
        Level of the profile-likelihood intervals.

    Notes
    -----
    In R, both outcomes stacked: `glmmTMB(y ~ outcome:(…) + (0 + outcome | therapist), family =
    binomial)` (Laplace there, adaptive quadrature of 7 × 7 nodes here).
    """
    therapists = first.model.group_labels.union(second.model.group_labels)
    like = JointLikelihood(Curves.of(first, therapists), Curves.of(second, therapists))
    sds = np.clip([first.group_sd, second.group_sd], *np.exp(LOG_SD))
    profiles = Profiles(like, np.array([0.0, 0.0, *np.log(sds)]))
    theta, llf = profiles.maximum()
    at = by_angle(theta)[0]
    profiles = replace(profiles, start=theta[:4])
    rho, slope = float(np.sin(theta[4])), float(at.l21 / at.l11)
    least = llf - float(stats.chi2.ppf(confidence, 1)) / 2.0
    # Where one of the SDs may be 0, every correlation is as likely as that.
    open_1, open_2 = (profiles.without(which) >= least for which in (0, 1))
    return Relation(
        correlation=rho,
        correlation_interval=(-1.0, 1.0)
        if open_1 or open_2
        else (_end(profiles.by_rho, least, rho, -1.0), _end(profiles.by_rho, least, rho, 1.0)),
        slope=slope,
        slope_interval=(-np.inf, np.inf)
        if open_1
        else (_far(profiles.by_slope, least, slope, -1), _far(profiles.by_slope, least, slope, 1)),
        sds=(float(at.l11), float(np.hypot(at.l21, at.l22))),
        p=float(stats.chi2.sf(max(2.0 * (llf - profiles.by_rho(0.0)), 0.0), 1)),
        llf=llf,
        audit=_audit(like, theta, first.n_events + second.n_events),
    )


@dataclass(frozen=True)
class Profiles:
    """Log-likelihoods maximised under a condition, from a₁, a₂, log σ₁, log σ₂ to start with."""

    like: JointLikelihood
    start: Array

    def maximum(self) -> tuple[Array, float]:
        """Parameters a₁, a₂, log σ₁, log σ₂, arcsin ρ and the log-likelihood at the maximum."""
        found = [_maximise(self.like, by_angle, np.append(self.start, s)) for s in STARTS]
        return max(found, key=lambda each: each[1])

    def by_rho(self, rho: float) -> float:
        """Maximum for a given correlation."""
        angle = float(np.arcsin(rho))
        return _maximise(self.like, by_angle, np.append(self.start, angle), {4: angle})[1]

    def by_slope(self, slope: float) -> float:
        """Maximum for a given slope."""
        start = np.append(self.start, slope)
        return _maximise(self.like, by_slope, start, {4: slope}, REST)[1]

    def without(self, which: int) -> float:
        """Maximum where therapists do not differ in the first (0) or the second (1) outcome."""
        fixed = {2 + which: NO_SD, 4: 0.0}
        return _maximise(self.like, by_angle, np.append(self.start, 0.0), fixed)[1]


def by_angle(theta: Array) -> tuple[Factor, Array]:
    """From a₁, a₂, log σ₁, log σ₂ and arcsin ρ, in which the likelihood is smooth up to ρ = ±1.

    Returns the factor and its derivatives, shape (elements of the factor, parameters).
    """
    (sd_1, sd_2), sine, cosine = np.exp(theta[2:4]), np.sin(theta[4]), np.cos(theta[4])
    derivatives = np.eye(5)
    derivatives[2:, 2:] = [
        [sd_1, 0.0, 0.0],
        [0.0, sd_2 * sine, sd_2 * cosine],
        [0.0, sd_2 * cosine, -sd_2 * sine],
    ]
    return Factor(theta[0], theta[1], sd_1, sd_2 * sine, sd_2 * cosine), derivatives


def by_slope(theta: Array) -> tuple[Factor, Array]:
    """From a₁, a₂, log σ₁, the log SD of the second effect given the first, and the slope."""
    (sd_1, rest), slope = np.exp(theta[2:4]), theta[4]
    derivatives = np.eye(5)
    derivatives[2:, 2:] = [[sd_1, 0.0, 0.0], [sd_1 * slope, 0.0, sd_1], [0.0, rest, 0.0]]
    return Factor(theta[0], theta[1], sd_1, sd_1 * slope, rest), derivatives


def _maximise(
    like: JointLikelihood,
    factor: Callable[[Array], tuple[Factor, Array]],
    start: Array,
    fixed: Mapping[int, float] | None = None,
    last_sd: tuple[float, float] = LOG_SD,
) -> tuple[Array, float]:
    def objective(theta: Array) -> tuple[float, Array]:
        at, derivatives = factor(theta)
        value, slope = like.evaluate(at)
        return -value, -slope @ derivatives

    bounds = [(-2.0, 2.0), (-2.0, 2.0), LOG_SD, last_sd, (-np.pi, np.pi)]
    for place, value in (fixed or {}).items():
        bounds[place] = (value, value)
    begin = np.clip(start, *np.transpose(bounds))
    options = {"ftol": 1e-11, "gtol": 1e-6}
    found = minimize(objective, begin, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return found.x, float(-found.fun)


def _end(profile: Callable[[float], float], least: float, inside: float, limit: float) -> float:
    """Where the profile log-likelihood falls to `least`, or `limit` if it does not before it."""
    if profile(inside) < least:  # the search under the condition failed
        return float("nan")
    if abs(limit - inside) < 1e-6 or profile(limit) >= least:
        return limit
    return float(brentq(lambda x: profile(x) - least, inside, limit, xtol=1e-4))


def _far(profile: Callable[[float], float], least: float, inside: float, sign: int) -> float:
    if profile(inside) < least:
        return float("nan")
    step = 0.5
    while profile(inside + sign * step) >= least:
        if step > STEEPEST:
            return sign * np.inf
        step *= 2.0
    return float(brentq(lambda x: profile(x) - least, inside, inside + sign * step, xtol=1e-4))


def _audit(like: JointLikelihood, theta: Array, events: float) -> dict[str, Any]:
    """Gradient, and information by differences of gradients."""
    h = 1e-4

    def gradient(theta: Array) -> Array:
        at, derivatives = by_angle(theta)
        return like.evaluate(at)[1] @ derivatives

    rows = [(gradient(theta - e) - gradient(theta + e)) / (2.0 * h) for e in h * np.eye(5)]
    information = (np.array(rows) + np.transpose(rows)) / 2.0
    on_edge = theta[2:4].min() <= LOG_SD[0] + h
    return fit_audit(
        *("", "", ""),
        gradient=gradient(theta),
        information=information,
        events=events,
        converged=not on_edge,
        reason=reason("sd_goes_to_0") if on_edge else "",
    )
