"""Intervals and bands of curves, and who is drawn with whom."""

import numpy as np
import pandas as pd

from rupture_outcome.cohort.clusters import first_therapists
from rupture_outcome.estimates.multistate.aalen_johansen import courses, occupancy
from rupture_outcome.estimates.multistate.bands import (
    drawn_chains,
    observed_chain,
    pointwise,
    simultaneous,
)
from tests.unit.toy_sessions import toy_sessions


def toy_curves(seed=1, replicates=400):
    rng = np.random.default_rng(seed)
    estimate = np.linspace(0.0, 0.4, 9)
    noise = 0.02 * rng.standard_normal((replicates, 9)) * (estimate > 0)
    return estimate, np.clip(estimate + noise, 0, 1)


def test_the_band_holds_whole_curves_and_contains_the_interval():
    estimate, drawn = toy_curves()
    low, high = simultaneous(estimate, drawn, 0.9)
    ci_low, ci_high = pointwise(drawn, 0.9)
    inside = ((drawn[:, 1:] >= low[1:]) & (drawn[:, 1:] <= high[1:])).all(axis=1)
    assert inside.mean() >= 0.9
    assert (low[1:] <= ci_low[1:]).all()
    assert (high[1:] >= ci_high[1:]).all()


def test_no_interval_where_nothing_varies():
    estimate, drawn = toy_curves()
    bounds = [*simultaneous(estimate, drawn, 0.95), *pointwise(drawn, 0.95)]
    assert all(np.isnan(bound[0]) for bound in bounds)
    assert all(np.isfinite(bound[1:]).all() for bound in bounds)


def test_curves_of_several_states_have_their_own_width():
    estimate, drawn = toy_curves()
    both = simultaneous(np.stack([estimate] * 2), np.stack([drawn] * 2, axis=1), 0.95)
    one = simultaneous(estimate, drawn, 0.95)
    np.testing.assert_allclose(both[0][1], one[0])


def test_patients_without_a_therapist_are_drawn_alone():
    rows = pd.DataFrame({"patient_id": list("aabcd"), "therapist_id": ["T", "U", None, None, "T"]})
    codes = first_therapists(rows)
    assert codes[0] == codes[3]
    assert len(set(codes)) == 3


def test_replicates_scatter_around_the_estimate():
    rows = toy_sessions(patients=300, therapists=15)
    course = courses(rows, 10)
    found = observed_chain(course)
    drawn = drawn_chains(course, first_therapists(rows), 300, np.random.default_rng(1))
    shares, copies = (occupancy(c.initial, c.matrices) for c in (found, drawn))
    assert copies.shape == (300, *shares.shape)
    # The mean of 300 replicates is within 4 of its standard errors at each of 66 points.
    gap = np.abs(copies.mean(axis=0) - shares)
    assert (gap <= 4 * copies.std(axis=0) / np.sqrt(300) + 5e-3).all()
    again = drawn_chains(course, first_therapists(rows), 300, np.random.default_rng(1))
    np.testing.assert_array_equal(again.counts, drawn.counts)
