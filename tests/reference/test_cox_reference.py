"""Cox start–stop with Efron ties and robust errors against R (survival 3.5-3)."""

import numpy as np
import pytest

from rupture_outcome.estimates.cox.start_stop import fit_cox
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings

# Both searches end at the maximum; the reference file keeps 11 digits.
TOLERANCE = 1e-9


def test_cox_is_that_of_coxph(study):
    data, fits = study
    expected = fits["cox_time_varying"]
    rows = data.assign(
        time=data["session"],
        dropout=data["event"].eq("dropout").astype(int),
        at_risk=True,
        testable=True,
    )
    levels = ["intact", "unrepaired", "repaired"]
    pairs = [("unrepaired", "intact"), ("repaired", "intact")]
    found = fit_cox(rows, "state", levels, pairs, HazardSettings(covariates=("severity",)))
    fit = found.fit
    np.testing.assert_allclose(fit.params, list(expected["coef"].values()), atol=TOLERANCE)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.cov)), expected["se_naive"], atol=TOLERANCE)
    # R has no correction for few clusters: the same scores and information without it
    influence = found.sandwich.scores @ np.linalg.inv(found.sandwich.information)
    plain = np.sqrt(np.diag(influence.T @ influence))
    np.testing.assert_allclose(plain, expected["se_robust"], atol=TOLERANCE)
    assert fit.at.llf == pytest.approx(expected["logLik"], abs=1e-7)
    corrected = np.sqrt(np.diag(found.sandwich.cov))
    np.testing.assert_allclose(corrected, plain, rtol=0.15)
    for (state, _), name, se in zip(pairs, expected["coef"], corrected, strict=False):
        estimate = found.estimates[f"{state} vs intact"]
        assert estimate.value == pytest.approx(expected["coef"][name], abs=TOLERANCE)
        assert estimate.se == pytest.approx(se, abs=TOLERANCE)
