import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from rupture_outcome.engine.estimate import Estimate, normal_quantile, wald, wilson


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_wald_is_the_interval_of_a_normal_distribution(confidence):
    low, high = wald(np.array([0.3, -2.0]), np.array([0.1, 3.0]), confidence)
    expected = stats.norm.interval(confidence, loc=[0.3, -2.0], scale=[0.1, 3.0])
    np.testing.assert_allclose([low, high], expected, rtol=1e-12)
    assert wald(0.3, 0.1, confidence) == (low[0], high[0])
    assert normal_quantile(confidence) == pytest.approx(-stats.norm.ppf((1 - confidence) / 2))


@pytest.mark.parametrize(("yes", "size"), [(0, 7), (5, 20), (20, 20)])
def test_wilson_is_that_of_statsmodels(yes, size):
    expected = proportion_confint(yes, size, alpha=0.1, method="wilson")
    assert wilson(yes / size, size, 0.9) == pytest.approx(expected, abs=1e-12)


def test_what_is_not_known_has_no_interval_and_keeps_its_reason():
    nothing = Estimate(reason="no_events").with_reason("few_units").with_reason("")
    assert (nothing.known, nothing.reason) == (False, "no_events; few_units")
    assert np.isnan(wald(nothing.value, nothing.se, 0.95)).all()
    assert not Estimate(1.0, np.inf).known
