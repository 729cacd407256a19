import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.truth_and_bias import truth_and_bias

BIAS, TRACKING = -0.4, 0.35
REPLICATES, COVERAGE = 100, 0.95


def simulated(rng, therapists=20, patients=6, sessions=8):
    rows = pd.DataFrame({"patient": np.repeat(np.arange(therapists * patients), sessions)})
    rows["therapist"] = rows["patient"] // patients
    i, n = rows["patient"], len(rows)
    usual = rng.normal(5, 1, therapists * patients)[i]
    rows["own"] = usual + rng.normal(size=n)
    centre = rows.groupby("patient")["own"].transform("mean")
    bias = BIAS + rng.normal(0, 0.3, therapists)[rows["therapist"]]
    bias = bias + rng.normal(0, 0.5, therapists * patients)[i]
    tracking = TRACKING + rng.normal(0, 0.2, therapists * patients)[i]
    rows["theirs"] = centre + bias + tracking * (rows["own"] - centre) + rng.normal(0, 0.6, n)
    return rows


def test_bias_and_tracking_are_found() -> None:
    """Within 4 of their own standard errors; both lie more than 4 from 0, and from each other."""
    fit = truth_and_bias(
        simulated(np.random.default_rng(1), 40), "theirs", "own", "patient", "therapist"
    )
    assert list(fit.params.index) == ["bias", "tracking"]
    assert (np.abs(fit.params - [BIAS, TRACKING]) < 4 * fit.bse).all()
    assert (np.abs(fit.params) > 4 * fit.bse).all()


@pytest.mark.slow
def test_intervals_cover_bias_and_tracking() -> None:
    """Within 3 Monte-Carlo errors, of √(.95 · .05 / 100) = 2.2 points each."""
    rng, hits = np.random.default_rng(7), np.zeros(2)
    for _ in range(REPLICATES):
        fit = truth_and_bias(simulated(rng), "theirs", "own", "patient", "therapist")
        hits += np.abs(fit.params.to_numpy() - [BIAS, TRACKING]) < 1.96 * fit.bse.to_numpy()
    error = np.sqrt(COVERAGE * (1 - COVERAGE) / REPLICATES)
    np.testing.assert_allclose(hits / REPLICATES, COVERAGE, atol=3 * error)


def test_sessions_without_one_of_both_ratings_are_left_out() -> None:
    rows = simulated(np.random.default_rng(8), therapists=8)
    rows.loc[::5, "theirs"] = np.nan
    rows.loc[1::7, "own"] = np.nan
    whole = rows.dropna()
    one, other = (truth_and_bias(each, "theirs", "own", "patient") for each in (rows, whole))
    np.testing.assert_array_equal(one.params, other.params)
