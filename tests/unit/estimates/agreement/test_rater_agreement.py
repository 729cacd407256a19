import krippendorff
import numpy as np
import pandas as pd
import pingouin
import pytest

from rupture_outcome.estimates.agreement.rater_agreement import (
    COLUMNS,
    rater_agreement,
)
from tests.unit.estimates.agreement.toy_raters import SHROUT_FLEISS, markers_of, ratings_of

NAN = np.nan
NO_MARKERS = markers_of()


def simulated(n: int = 60, k: int = 3, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    latent = rng.normal(2.5, 1, (n, 1)) + rng.normal(0, 0.6, (n, k))
    return np.clip(np.rint(latent), 1, 5)


def agreement(ratings, markers=NO_MARKERS, seed=1, **arguments) -> pd.DataFrame:
    arguments = {"replicates": 200, "thresholds": (2,), **arguments}
    return rater_agreement(ratings, markers, rng=np.random.default_rng(seed), **arguments)


def of(table: pd.DataFrame, measure: str = "withdrawal") -> pd.DataFrame:
    return table.loc[table["measure"] == measure].set_index(["statistic", "model"])


def test_leading_columns_are_those_of_the_results_contract() -> None:
    contract = ["measure", "model", "type", "unit", "n", "raters", "estimate", "ci_low", "ci_high"]
    assert list(agreement(ratings_of(SHROUT_FLEISS)).columns[:9]) == contract


def test_crossed_raters_give_pingouins_six_coefficients_on_all_sessions() -> None:
    ratings = ratings_of(SHROUT_FLEISS)
    found = agreement(ratings)
    icc = found.loc[found["measure"].eq("resolution") & found["statistic"].str.startswith("ICC")]
    table = pingouin.intraclass_corr(ratings, "patient_id", "rater_id", "resolution")
    theirs = table.set_index("Type")["ICC"]
    np.testing.assert_allclose(icc["estimate"], theirs[icc["statistic"]])
    assert icc["n"].eq(6).all()
    assert icc["raters"].eq(4).all()
    assert icc["patients"].eq(6).all()
    assert icc["reason"].str.contains("few_patients:10").all()


def test_model_type_and_unit_are_named_as_by_mcgraw_and_wong() -> None:
    found = agreement(ratings_of(SHROUT_FLEISS)).head(8)
    named = found[["statistic", "model", "type", "unit"]].agg(", ".join, axis=1).tolist()
    assert named == [
        "ICC(1,1), one_way_random, absolute_agreement, single",
        "ICC(1,k), one_way_random, absolute_agreement, average",
        "ICC(A,1), two_way_random, absolute_agreement, single",
        "ICC(A,1), two_way_mixed, absolute_agreement, single",
        "ICC(C,1), two_way_mixed, consistency, single",
        "ICC(A,k), two_way_random, absolute_agreement, average",
        "ICC(A,k), two_way_mixed, absolute_agreement, average",
        "ICC(C,k), two_way_mixed, consistency, average",
    ]


def test_random_raters_have_the_interval_of_psych_and_these_raters_a_narrower_one() -> None:
    found = of(agreement(ratings_of(two_of_the_example()), replicates=1000))
    random = found.loc[("ICC(A,1)", "two_way_random")]
    # psych::ICC(lmer = FALSE) of psych 2.2.9: 0.64717826, 0.14708299 to 0.83230471
    assert random["estimate"] == pytest.approx(0.64717826, abs=1e-8)
    assert random["ci_low"] == pytest.approx(0.14708299, abs=1e-8)
    assert random["ci_high"] == pytest.approx(0.83230471, abs=1e-8)
    assert random["reason"] == "few_raters:2"
    mean = found.loc[("ICC(A,k)", "two_way_random")]
    assert mean["ci_low"] == pytest.approx(0.25644699, abs=1e-8)
    assert mean["ci_high"] == pytest.approx(0.90847849, abs=1e-8)
    fixed = found.loc[("ICC(A,1)", "two_way_mixed")]
    assert fixed["estimate"] == random["estimate"]
    assert fixed["ci_high"] - fixed["ci_low"] < 0.25
    assert fixed["reason"] == ""


def test_other_raters_are_never_better_known_than_these() -> None:
    table = np.ones((60, 3)) + (np.arange(60) < 3)[:, None] * [2, 3, 4]
    table = np.repeat(table, 2, axis=0) + np.random.default_rng(1).normal(0, 0.01, (120, 3))
    found = of(agreement(ratings_of(table, per_patient=10))).xs("ICC(A,1)")
    random, fixed = found.loc["two_way_random"], found.loc["two_way_mixed"]
    assert random["ci_low"] <= fixed["ci_low"]
    assert random["ci_high"] >= fixed["ci_high"]


def two_of_the_example() -> np.ndarray:
    """Withdrawal as two observers of the example rated it in 124 sessions."""
    pairs = {
        (1, 2): 36, (1, 1): 33, (2, 3): 19, (2, 2): 14, (3, 3): 5, (1, 3): 4, (3, 4): 4,
        (4, 5): 3, (2, 1): 2, (3, 5): 1, (4, 4): 1, (2, 4): 1, (5, 4): 1,
    }  # fmt: skip
    return np.repeat(np.array(list(pairs), float), list(pairs.values()), axis=0)


def test_intervals_hold_the_estimate_and_follow_the_seed() -> None:
    ratings = ratings_of(simulated(), per_patient=3)
    one, again, other = (agreement(ratings, seed=s) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert (one["ci_low"] < one["estimate"]).all()
    assert (one["estimate"] < one["ci_high"]).all()
    assert not one["ci_low"].equals(other["ci_low"])
    assert one["patients"].eq(20).all()


def test_sessions_of_one_patient_that_are_alike_widen_the_interval() -> None:
    table = np.repeat(simulated(30), 4, axis=0)
    clustered = of(agreement(ratings_of(table, per_patient=4), replicates=1000))
    apart = of(agreement(ratings_of(table), replicates=1000))
    width = clustered["ci_high"] - clustered["ci_low"]
    assert (width > 1.5 * (apart["ci_high"] - apart["ci_low"])).all()


def test_unbalanced_raters_use_all_sessions_where_they_can_and_say_so_where_not() -> None:
    table = simulated(40, 3)
    table[:25, 2] = NAN
    table[35:, 0] = NAN
    found = of(agreement(ratings_of(table)))
    assert found.loc[("ICC(1,1)", "one_way_random"), "n"] == 40
    # k₀ = (90 − (30·2² + 10·3²)/90) / 39
    assert found.loc[("ICC(1,1)", "one_way_random"), "reason"] == "ratings_a_session:2.25"
    block = found.loc[("ICC(A,1)", "two_way_random")]
    assert (block["n"], block["raters"]) == (35, 2)
    assert block["reason"] == "sessions_of_raters:3:R1:R2; few_raters:2"
    alpha = found.loc[("krippendorff_alpha", "exchangeable_raters"), "estimate"]
    assert alpha == pytest.approx(krippendorff.alpha(table.T, level_of_measurement="interval"))
    assert found.loc[("cohen_kappa", "two_raters"), "n"] == 35
    assert found.loc[("AC1", "exchangeable_raters"), "n"] == 40


def test_rare_ratings_have_low_kappa_and_high_ac1_with_the_marginals_beside() -> None:
    table = np.ones((125, 2))
    table[:5, 0] = table[5:7, 1] = 3
    found = of(agreement(ratings_of(table), thresholds=(3,)))
    kappa = found.loc[("cohen_kappa", "two_raters")]
    assert kappa["estimate"] == pytest.approx(-0.0234, abs=1e-4)
    assert kappa["type"] == "present_at_3"
    assert "present_shares:0.02:0.04" in kappa["reason"]
    assert found.loc[("AC1", "two_raters"), "estimate"] == pytest.approx(0.9408, abs=1e-4)


def test_frequencies_come_from_markers() -> None:
    ratings = ratings_of(np.ones((8, 2)))
    kinds = ["withdrawal", "confrontation"]
    rows = [
        (f"p{i:03}", 1, 1 + j, rater, kinds[i % 2], "patient", "code", 2)
        for i in range(8)
        for j in range(i)
        for rater in ("R1", "R2")
    ]
    found = agreement(ratings, markers_of(*rows))
    counted = of(found, "withdrawal_per_hour")
    assert counted["estimate"].tolist() == pytest.approx([1.0] * 9)
    assert counted["n"].eq(8).all()
    assert of(found, "resolution_per_hour")["reason"].eq("same_ratings").all()


@pytest.mark.parametrize(
    ("table", "note"),
    [
        (np.full((20, 2), 3.0), "same_ratings"),
        (np.array([[1, NAN], [NAN, 2], [3, NAN]]), "no_two_raters"),
        (simulated(4), "too_few_sessions"),
    ],
)
def test_what_cannot_be_estimated_is_shown_with_the_reason(table, note) -> None:
    found = agreement(ratings_of(table))
    assert len(found) == 3 * 9 + 3 * 4
    numbers = found.loc[found["n"] > 0, ["estimate", "ci_low", "ci_high"]]
    assert numbers.isna().all(axis=None)
    expected = {note, "no_two_raters"}
    assert set(found["reason"]) <= expected
    assert note in set(found["reason"])


def test_one_patient_has_estimates_and_no_interval() -> None:
    found = agreement(ratings_of(simulated(30), per_patient=30)).head(27)
    assert found["estimate"].notna().all()
    assert found["ci_low"].isna().all()
    assert found["reason"].str.contains("one_patient").all()


def test_empty_tables() -> None:
    found = agreement(ratings_of(SHROUT_FLEISS).head(0))
    assert list(found.columns) == COLUMNS
    assert found["n"].eq(0).all()
    assert found["estimate"].isna().all()


def test_nullable_columns_say_the_same() -> None:
    table = simulated(12, 3)
    table[3:6, 1] = NAN
    ratings = ratings_of(table)
    pd.testing.assert_frame_equal(agreement(ratings), agreement(ratings.convert_dtypes()))
