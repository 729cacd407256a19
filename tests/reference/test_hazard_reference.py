"""Fits by glmmTMB 1.1.5 of simulated person-sessions with known truth."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.hazard import MultilevelHazard

FORMULA = "dropout ~ C(session) + C(state, contr.treatment('intact')) + severity"
# glmmTMB stops at a gradient of 1e-3 or so, which leaves its estimates good to about 3e-5.
COEFFICIENT = 1e-4
STANDARD_ERROR = 1e-3
LOG_LIKELIHOOD = 1e-5


def engine_name(name):
    if name.startswith("factor(session)"):
        return f"C(session)[T.{name.removeprefix('factor(session)')}]"
    if name.startswith("state"):
        return f"C(state, contr.treatment('intact'))[T.{name.removeprefix('state')}]"
    return {"(Intercept)": "Intercept"}.get(name, name)


def with_dropout(data):
    return data.assign(dropout=(data["event"] == "dropout").astype(int))


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_laplace_agrees_with_glmmtmb(study, link):
    data, fits = study
    theirs = fits[f"hazard_{link}"]
    fixed = pd.DataFrame(theirs["fixed"]).T.rename(index=engine_name)
    fit = MultilevelHazard.from_formula(
        FORMULA, with_dropout(data), groups="therapist_id", link=link
    ).fit()
    assert fit.converged
    assert not fit.boundary
    np.testing.assert_allclose(fit.params, fixed["est"][fit.params.index], atol=COEFFICIENT)
    np.testing.assert_allclose(fit.bse, fixed["se"][fit.params.index], rtol=STANDARD_ERROR)
    assert fit.group_sd == pytest.approx(theirs["sd_therapist"], abs=COEFFICIENT)
    assert fit.llf == pytest.approx(theirs["logLik"], rel=LOG_LIKELIHOOD)


def test_quadrature_settles(study):
    data, _ = study
    model = MultilevelHazard.from_formula(FORMULA, with_dropout(data), groups="therapist_id")
    llf = {nodes: model.fit(quadrature=nodes).llf for nodes in (3, 7, 15, 25)}
    assert abs(llf[15] - llf[25]) < 1e-7 < abs(llf[7] - llf[25]) < abs(llf[3] - llf[25])
