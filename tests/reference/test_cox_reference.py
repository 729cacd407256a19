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
    np.testing.assert_allclose(np.sqrt(np.diag(found.cov)), expected["se_robust"], atol=TOLERANCE)
    assert fit.at.llf == pytest.approx(expected["logLik"], abs=1e-7)
    for (state, _), name, se in zip(pairs, expected["coef"], expected["se_robust"], strict=False):
        estimate = found.estimates[f"{state} vs intact"]
        assert estimate.value == pytest.approx(expected["coef"][name], abs=TOLERANCE)
        assert estimate.se == pytest.approx(se, abs=TOLERANCE)
