"""A world in which symptoms guide repair and dropout: weighting finds the truth, ignoring does not.

With 6,000 patients the standard error of the weighted log ratio is about 0.1. Weights and the
truth meet up to two approximations: the ratio of the marginal odds differs from the conditional one
that is simulated, by little because dropout is rare, and symptoms enter the weights as they do the
truth. 3.3 standard errors would be crossed once in a thousand seeds.
"""

import pandas as pd
import pytest

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.sensitivity.marginal_structural import marginal_structural
from tests.unit.estimates.sensitivity.toy_symptoms import confounded

HEADLINE = "repaired vs unrepaired"
WIDE = 3.3


@pytest.mark.parametrize("effect", [0.0, -0.7])
def test_weights_undo_confounding_that_changes_over_sessions(effect):
    rows, scores = confounded(
        seed=7, patients=6000, sessions=8, effect=effect, strength=0.8, base=-4.2
    )
    found = pd.DataFrame(marginal_structural(rows, scores, HazardSettings(covariates=())).rows)
    found = found[found["contrast"].eq(HEADLINE) & found["analysis"].eq("marginal_structural")]
    found = found.set_index("setting")
    naive, weighted = found.loc["unweighted"], found.loc["weighted"]
    assert naive["estimate"] - effect < -4 * naive["se"]
    assert abs(weighted["estimate"] - effect) < WIDE * weighted["se"]
    assert weighted["se"] < 0.25
