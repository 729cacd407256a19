import numpy as np
import pandas as pd
import pytest

from rupture_outcome.engine.intraclass import one_way, one_way_features
from rupture_outcome.estimates.agreement.rater_drift import rater_drift
from tests.unit.estimates.agreement.toy_raters import ratings_of

RNG = np.random.default_rng(3)
LATENT = RNG.normal(0, 1, (200, 1))
# ten sessions a patient; raters agree in the first five and guess in the last five
EARLY = np.arange(200) % 10 < 5
TABLE = LATENT + RNG.normal(0, np.where(EARLY, 0.2, 2.0)[:, None], (200, 2))


def drift(table) -> pd.DataFrame:
    ratings = ratings_of(table, per_patient=10)
    rng = np.random.default_rng(1)
    found = rater_drift(ratings, rng=rng, replicates=300)
    return found.loc[found["measure"] == "withdrawal"]


def test_loss_of_agreement_is_seen_with_its_interval() -> None:
    found = drift(TABLE).set_index("half")
    assert found["n"].tolist() == [100, 100, 200]
    assert found["patients"].tolist() == [20, 20, 20]
    assert found.loc["early", "estimate"] > 0.9
    assert found.loc["late_minus_early", "ci_high"] < -0.5
    assert found["median"].eq(5.5).all()


def test_each_half_is_the_coefficient_of_its_own_sessions() -> None:
    found = drift(TABLE).set_index("half")["estimate"]
    for half, rows in (("early", EARLY), ("late", ~EARLY)):
        alone = one_way(one_way_features(TABLE[rows]).sum(axis=0))[0]
        assert found[half] == pytest.approx(alone)


def test_another_order_than_the_sessions() -> None:
    ratings = ratings_of(TABLE, per_patient=10)
    ratings["coded"] = np.repeat(np.random.default_rng(2).permutation(200), 2)
    ratings.loc[ratings["coded"] < 50, "coded"] = np.nan
    found = rater_drift(ratings, rng=np.random.default_rng(1), order="coded", replicates=100)
    assert found["n"].tolist() == [75, 75, 150] * 3
    assert abs(found["estimate"].iloc[2]) < 0.3


def test_a_half_that_is_too_small_or_missing_is_not_estimated() -> None:
    found = rater_drift(ratings_of(TABLE[:30]), rng=np.random.default_rng(1)).head(3)
    assert found["n"].tolist() == [30, 0, 30]
    assert found["estimate"].notna().tolist() == [True, False, False]
    few = rater_drift(ratings_of(TABLE[:8], 8), rng=np.random.default_rng(1)).head(3)
    assert few["reason"].eq("too_few_sessions").all()
    none = rater_drift(ratings_of(TABLE).head(0), rng=np.random.default_rng(1))
    assert none["n"].eq(0).all()
    assert none["estimate"].isna().all()
