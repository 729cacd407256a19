"""Firth's penalised likelihood: equal to brglm2, and without the bias of few events."""

import numpy as np
import pytest

from rupture_outcome.engine.firth import firth_contrast

ROW = np.arange(90)
BAND = np.eye(3)[ROW % 3][:, 1:]
EVENTS = [1, 4, 8, 10, 13, 22, 31, 35, 40, 43, 52, 58, 67, 85]
X = np.column_stack([np.ones(90), BAND, ((7 * ROW) % 11 - 5) / 4, ROW >= 60]).astype(float)
Y = np.isin(ROW, EVENTS).astype(float)
LAST = np.eye(5)[4]


@pytest.mark.parametrize(
    ("link", "estimates", "low", "high"),
    [
        (
            "logit",
            [-3.744022903, 3.752400650, 1.670274247, -0.249866640, -1.357604566],
            *(-3.1505820568, 0.0899215345),
        ),
        (
            "cloglog",
            [-3.783053878, 3.465591774, 1.648990743, -0.148090477, -1.112546047],
            *(-2.7433377329, 0.0903495657),
        ),
    ],
)
def test_estimates_are_those_of_brglm2_and_ends_those_of_its_likelihood(link, estimates, low, high):
    """Of brglm2 0.9 (MPL_Jeffreys) and `optim` of R 4.2, which stops at about 1e-6."""
    for column, expected in enumerate(estimates):
        found = firth_contrast(X, Y, np.eye(5)[column], link)
        assert found.estimate == pytest.approx(expected, abs=2e-6)
    found = firth_contrast(X, Y, LAST, link)
    assert (found.low, found.high) == pytest.approx((low, high), abs=2e-5)


def test_a_difference_of_levels_is_that_of_another_reference():
    three = np.column_stack([X[:, :1], BAND])
    other = np.column_stack([X[:, :1], BAND[:, 0], 1 - BAND.sum(axis=1)])
    here = firth_contrast(three, Y, np.array([0.0, 1.0, -1.0]))
    there = firth_contrast(other, Y, np.array([0.0, 1.0, 0.0]))
    np.testing.assert_allclose(
        [here.estimate, here.low, here.high], [there.estimate, there.low, there.high], atol=1e-5
    )


def test_no_event_in_a_group_has_a_finite_estimate_and_interval():
    y = Y * (ROW < 60)
    found = firth_contrast(X, y, LAST)
    assert -8 < found.low < found.estimate < found.high < 0


@pytest.mark.parametrize("expected", [3, 8])
def test_few_events_give_no_bias(expected):
    """No effect, 120 studies: their mean has a Monte-Carlo error of about .06 and .035."""
    rng = np.random.default_rng(3)
    n, others = 20 * expected, 600
    half = np.arange(n + others) % 2
    design = np.column_stack([np.ones(n + others), half, np.arange(n + others) < n]).astype(float)
    chance = np.where(half, 0.065, 0.035)
    found = [
        firth_contrast(design, (rng.random(n + others) < chance).astype(float), np.eye(3)[2])
        for _ in range(120)
    ]
    estimates = np.array([each.estimate for each in found])
    assert abs(estimates.mean()) < 3 * estimates.std() / np.sqrt(120)
    assert estimates.std() / np.sqrt(120) < 0.07
    covered = np.mean([each.low <= 0 <= each.high for each in found])
    assert covered >= 0.90  # .95 less 2.5 Monte-Carlo errors of .02
