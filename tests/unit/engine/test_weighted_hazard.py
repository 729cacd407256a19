"""The weighted regression equals statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from rupture_outcome.engine.weighted_hazard import fit_weighted, independent

RNG = np.random.default_rng(4)
N = 800
X = pd.DataFrame({"constant": 1.0, "a": RNG.normal(size=N), "b": RNG.integers(0, 2, N) * 1.0})
Y = (RNG.random(N) < 1 / (1 + np.exp(1 - X["a"]))).to_numpy(float)
W = RNG.uniform(0.3, 3.0, N)
CLUSTERS = RNG.integers(0, 25, N)
LINKS = {"logit": sm.families.links.Logit(), "cloglog": sm.families.links.CLogLog()}


@pytest.mark.filterwarnings("ignore:cov_type not fully supported with var_weights")
@pytest.mark.parametrize("link", LINKS)
def test_weights_and_clusters_as_in_statsmodels(link):
    found = fit_weighted(X, Y, link=link, weights=W, clusters=CLUSTERS)
    family = sm.families.Binomial(LINKS[link])
    other = sm.GLM(Y, X, family=family, var_weights=W).fit(tol=1e-12)
    np.testing.assert_allclose(found.params, other.params, rtol=1e-7)
    # The sandwich of statsmodels uses the expected information, which for another link than the
    # canonical one differs from the observed one that is used here.
    if link == "logit":
        robust = sm.GLM(Y, X, family=family, var_weights=W).fit(
            tol=1e-12, cov_type="cluster", cov_kwds={"groups": CLUSTERS}
        )
        # statsmodels scales by G/(G − 1) · (n − 1)/(n − k) and corrects nothing else
        influence = found.sandwich.scores @ np.linalg.inv(found.sandwich.information)
        scale = 25 / 24 * (N - 1) / (N - 3)
        np.testing.assert_allclose(scale * influence.T @ influence, robust.cov_params(), rtol=1e-6)
    np.testing.assert_allclose(found.probability, other.fittedvalues, rtol=1e-6)
    assert found.converged


def test_a_contrast_is_a_weighted_sum_with_its_error():
    found = fit_weighted(X, Y, weights=W, clusters=CLUSTERS)
    estimate, cov = found.contrast({"a": 1.0, "b": -1.0}), found.sandwich.cov
    assert estimate.value == pytest.approx(found.params["a"] - found.params["b"])
    assert estimate.se**2 == pytest.approx(cov[1, 1] + cov[2, 2] - 2 * cov[1, 2])
    assert 0 < estimate.df < 24


def test_columns_that_say_nothing_new_are_left_out():
    more = X.assign(c=X["a"] - 2 * X["b"], d=0.0, e=RNG.normal(size=N))
    assert list(independent(more)) == ["constant", "a", "b", "e"]
    assert list(fit_weighted(more, Y).params.index) == ["constant", "a", "b", "e"]
