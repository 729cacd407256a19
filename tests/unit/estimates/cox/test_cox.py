import numpy as np
import pandas as pd
import pytest

from rupture_outcome.cohort.clusters import FEW, NO_CLUSTERS
from rupture_outcome.engine.cox.cox_residuals import (
    chi_square,
    cox_sandwich,
    proportionality_test,
    score_residuals,
)
from rupture_outcome.engine.cox.partial_likelihood import (
    each_time,
    fit_partial_likelihood,
    moments,
    risk_sets,
)
from rupture_outcome.estimates.cox.cox_effects import CHECK_COLUMNS, cox_effects, log_sessions
from rupture_outcome.estimates.cox.start_stop import fit_cox
from rupture_outcome.estimates.effect_rows import EFFECT_COLUMNS
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.hazard.hazard_effects import CONTRASTS
from tests.unit.toy_sessions import STATES, toy_sessions

ROWS = toy_sessions(patients=500)
AT_RISK = ROWS[ROWS["at_risk"]]
X = np.column_stack([AT_RISK["state"] == s for s in STATES[1:]] + [AT_RISK["x_severity"]]).astype(
    float
)
FIT = fit_partial_likelihood(X, AT_RISK["time"], AT_RISK["dropout"])
SETTINGS = HazardSettings()


def efron(beta, x, time, event):
    """Write the likelihood as the sum over times and tied events that it is."""
    total = 0.0
    for t in np.unique(time[event == 1]):
        here, dead = time == t, (time == t) & (event == 1)
        risk, own = np.exp(x[here] @ beta).sum(), np.exp(x[dead] @ beta).sum()
        d = dead.sum()
        total += (x[dead] @ beta).sum() - sum(np.log(risk - k / d * own) for k in range(d))
    return total


def test_likelihood_is_efrons():
    beta = np.array([0.5, -0.3, 0.2])
    time, event = AT_RISK["time"].to_numpy(), AT_RISK["dropout"].to_numpy()
    found = moments(risk_sets(X, time, event), beta)
    assert found.llf == pytest.approx(efron(beta, X, time, event))


def test_score_and_information_are_the_derivatives():
    beta, h = np.array([0.5, -0.3, 0.2]), 1e-5
    at = moments(FIT.sets, beta)
    for j, step in enumerate(h * np.eye(3)):
        up, down = moments(FIT.sets, beta + step), moments(FIT.sets, beta - step)
        assert at.score.sum(axis=0)[j] == pytest.approx((up.llf - down.llf) / (2 * h), rel=1e-6)
        change = (down.score - up.score).sum(axis=0) / (2 * h)
        np.testing.assert_allclose(at.information.sum(axis=0)[j], change, rtol=1e-6, atol=1e-6)


def test_order_of_rows_does_not_matter():
    order = np.random.default_rng(1).permutation(len(X))
    again = fit_partial_likelihood(
        X[order], AT_RISK["time"].to_numpy()[order], AT_RISK["dropout"].to_numpy()[order]
    )
    np.testing.assert_allclose(again.params, FIT.params, atol=1e-9)


def test_score_residuals_add_up_to_the_score_at_each_time():
    by_time = np.add.reduceat(score_residuals(FIT), FIT.sets.start[:-1])
    np.testing.assert_allclose(by_time, FIT.at.score, atol=1e-9)


def test_robust_errors_are_close_to_the_others_where_rows_are_independent():
    """Each row a cluster: both estimate the same; 20 % is three of their standard errors here."""
    cov = cox_sandwich(FIT, np.arange(len(X))).cov
    np.testing.assert_allclose(np.diag(cov), np.diag(FIT.cov), rtol=0.2)


def test_the_information_of_clusters_is_that_of_rows_at_each_of_efrons_steps():
    clusters = np.random.default_rng(2).integers(0, 6, len(X))
    expected = np.zeros((6, X.shape[1], X.shape[1]))
    for first, part in zip(FIT.sets.start, each_time(FIT.sets, FIT.params), strict=False):
        codes = clusters[FIT.sets.row[first : first + len(part.X)]]
        for share, bottom, mean in zip(part.share, part.denominator, part.means, strict=True):
            chance = np.where(part.event, 1 - share, 1.0) * part.w / bottom
            for code, p, x in zip(codes, chance, part.X - mean, strict=True):
                expected[code] += p * np.outer(x, x)
    found = cox_sandwich(FIT, clusters)
    np.testing.assert_allclose(found.parts, expected, atol=1e-9)
    np.testing.assert_allclose(found.information, FIT.at.information.sum(axis=0), atol=1e-9)


@pytest.mark.parametrize("columns", [None, [0, 1], [2]])
def test_proportionality_is_the_score_test_of_time_by_effect(columns):
    """From the likelihood of the larger model, at the estimate of the smaller one."""
    g = np.log2(AT_RISK["time"].to_numpy(float))
    chosen = [0, 1, 2] if columns is None else columns
    larger = np.hstack([X, X[:, chosen] * g[:, None]])
    sets = risk_sets(larger, AT_RISK["time"], AT_RISK["dropout"])
    at = moments(sets, np.append(FIT.params, np.zeros(len(chosen))))
    expected = chi_square(at.score.sum(axis=0), at.information.sum(axis=0)).statistic
    found = proportionality_test(FIT, np.log2(FIT.sets.times), columns)
    assert found.statistic == pytest.approx(expected, rel=1e-6)
    assert found.df == len(chosen)
    shifted = proportionality_test(FIT, 3 + 2 * np.log2(FIT.sets.times), columns)
    assert shifted.statistic == pytest.approx(found.statistic)


def test_log_sessions_counts_from_one():
    np.testing.assert_allclose(log_sessions([0, 1, 3], 0), [0, 1, 2])


def test_contrasts_are_differences_of_coefficients():
    found = fit_cox(ROWS, "state", STATES, CONTRASTS, SETTINGS)
    values = {label: e.value for label, e in found.estimates.items()}
    np.testing.assert_allclose(values["unrepaired vs intact"], FIT.params[0])
    np.testing.assert_allclose(
        values["repaired vs unrepaired"], FIT.params[1] - FIT.params[0], atol=1e-9
    )
    assert found.estimates["repaired vs unrepaired"].reason == ""


def test_a_covariate_of_categories_enters_with_its_levels():
    site = pd.Categorical(np.where(ROWS["x_severity"] > 0, "a", "b"), categories=["a", "b", "none"])
    rows = ROWS.assign(site=site, same=1.0)
    settings = HazardSettings(covariates=("site", "same"))
    found = fit_cox(rows, "state", STATES, CONTRASTS, settings)
    assert found.design.terms == [("state", [0, 1]), ("site", [2])]
    assert "left_out:same" in found.reason


def test_a_state_without_dropout_is_left_out_and_said():
    event = ROWS["dropout"].where(ROWS["state"] != "repaired", 0)
    found = fit_cox(ROWS.assign(dropout=event), "state", STATES, CONTRASTS, SETTINGS)
    assert "no_event:dropout:repaired" in found.estimates["repaired vs intact"].reason
    assert found.estimates["unrepaired vs intact"].known


def test_a_separated_covariate_is_said():
    rows = ROWS.assign(dose=(ROWS["dropout"] == 1).astype(float))
    settings = HazardSettings(covariates=("dose",))
    found = fit_cox(rows, "state", STATES, CONTRASTS, settings)
    assert "infinite" in found.estimates["repaired vs unrepaired"].reason


def test_covariates_that_say_the_same_are_refused():
    rows = ROWS.assign(again=2 * ROWS["x_severity"])
    settings = HazardSettings(covariates=("x_severity", "again"))
    found = fit_cox(rows, "state", STATES, CONTRASTS, settings)
    assert "collinear" in found.reason


def test_therapists_few_one_and_none():
    few = ROWS.assign(therapist_id=np.where(ROWS["x_severity"] > 0, "a", "b"))
    assert FEW in fit_cox(few, "state", STATES, CONTRASTS, SETTINGS).reason
    one = fit_cox(ROWS.assign(therapist_id="a"), "state", STATES, CONTRASTS, SETTINGS)
    none = fit_cox(ROWS.assign(therapist_id=None), "state", STATES, CONTRASTS, SETTINGS)
    for found in (one, none):
        assert NO_CLUSTERS in found.reason
        assert found.estimates["repaired vs unrepaired"].known
    assert one.estimates == none.estimates


def test_every_specification_has_rows_checks_and_fits():
    none = ROWS.assign(definition="drop_sd", dropout=0)
    hardly = ROWS.assign(definition="running_chart", testable=False)
    rows = pd.concat([ROWS.astype({"definition": str}), none, hardly])
    effects, checks, fits = cox_effects(rows, "recorded_ending", SETTINGS)
    assert list(effects.columns) == list(EFFECT_COLUMNS)
    assert list(checks.columns) == list(CHECK_COLUMNS)
    assert effects["analysis"].eq("cox").all()
    assert effects["converged"].tolist() == [True] * 3 + [False] * 6
    assert effects["reason"].ne("").tolist() == [False] * 3 + [True] * 6
    assert [fit["converged"] for fit in fits] == [True, True, False, False]
    first = checks[checks["definition"].eq("drop_rci")]
    assert first["check"].tolist() == ["score_test"] * 3 + ["interaction"] * 4
    assert first["p_value"].between(0, 1).all()
    last = checks[checks["definition"].eq("running_chart")]
    assert last["reason"].str.startswith("no_test; hardly_tested:0").all()


def test_joint_interaction_needs_no_reference():
    """The joint statistic does not depend on which state is the reference."""
    _, checks, _ = cox_effects(ROWS, "recorded_ending", SETTINGS)
    rows = checks[checks["check"].eq("interaction")].set_index("contrast")
    between = (
        rows.loc["repaired vs intact", "estimate"] - rows.loc["unrepaired vs intact", "estimate"]
    )
    assert rows.loc["repaired vs unrepaired", "estimate"] == pytest.approx(between)


def test_dropouts_at_one_session_only_have_no_test_of_change():
    rows = ROWS.assign(dropout=ROWS["dropout"].where(ROWS["time"] == 4, 0))
    effects, checks, _ = cox_effects(rows, "recorded_ending", HazardSettings(covariates=()))
    assert effects["converged"].any()
    assert checks["statistic"].isna().all()
    assert checks["reason"].ne("").all()
