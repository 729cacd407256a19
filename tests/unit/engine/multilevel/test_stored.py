"""A fit that was stored and read is the fit that was made, and belongs to its rows only."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rupture_outcome.engine.hazard import MultilevelHazard
from rupture_outcome.engine.multilevel.stored import restored, stored
from rupture_outcome.engine.unit_covariance import unit_covariance
from rupture_outcome.errors import StudyError


def model_of(seed=1, *, link="logit", groups=True, weighted=False, separated=False, sd=0.8):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 15, 300)
    X = pd.DataFrame({"constant": 1.0, "x": rng.normal(size=300), "rare": codes == 3})
    eta = -1.0 + 0.6 * X["x"] + sd * rng.normal(size=15)[codes]
    y = (rng.random(300) < 1 / (1 + np.exp(-eta))).astype(int)
    if separated:
        y[codes == 3] = 0
    labels = [f"t{code}" for code in codes] if groups else None
    weights = rng.integers(1, 4, 300) if weighted else None
    return MultilevelHazard(y, X, labels, link=link, freq_weights=weights)


def on_paper(fit):
    """What a file holds, with null for what is not finite, as `write_json` writes it."""
    return json.loads(json.dumps(stored(fit), allow_nan=False))


def assert_same(found, made):
    assert found.to_dict() == made.to_dict()
    np.testing.assert_array_equal(found.group_sd_conf_int(0.1), made.group_sd_conf_int(0.1))
    for name in ("params", "bse", "cov_params_full", "group_effects"):
        both = np.asarray(getattr(found, name)), np.asarray(getattr(made, name))
        np.testing.assert_array_equal(*both, err_msg=name)
    for which in ("own", "marginal", "zero"):
        both = found.predict(group_effect=which), made.predict(group_effect=which)
        pd.testing.assert_series_equal(*both, check_exact=True)
    assert vars(found.contrast({"x": 1.0})) == pytest.approx(
        vars(made.contrast({"x": 1.0})), abs=0, nan_ok=True
    )
    if made.model.freq_weights is None:
        units = np.arange(300) // 2
        np.testing.assert_array_equal(unit_covariance(found, units), unit_covariance(made, units))


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    link=st.sampled_from(["logit", "cloglog"]),
    nodes=st.sampled_from([1, 5]),
    groups=st.booleans(),
    weighted=st.booleans(),
    separated=st.booleans(),
    sd=st.sampled_from([0.0, 0.8]),
)
def test_a_fit_is_the_same_to_the_last_digit_after_a_round_trip(seed, nodes, **how):
    made = model_of(seed, **how).fit(quadrature=nodes)
    assert_same(restored(model_of(seed, **how), nodes, on_paper(made)), made)


def test_the_examples_of_the_property_hold_each_kind_of_fit():
    assert model_of(separated=True).fit().separated == ["rare"]
    assert any(model_of(seed, sd=0.0).fit().boundary for seed in range(20))


def test_what_was_computed_of_a_fit_need_not_be_computed_again(monkeypatch):
    made = model_of().fit()
    made.group_sd_conf_int(0.05)
    found = restored(model_of(), 1, on_paper(made))
    monkeypatch.setattr("rupture_outcome.engine.multilevel.results.profile_interval", None)
    assert found.group_sd_conf_int(0.05) == made.group_sd_conf_int(0.05)


def test_a_fit_that_did_not_converge_says_so_when_it_is_read():
    made = model_of().fit(maxiter=1)
    found = restored(model_of(), 1, on_paper(made))
    assert not found.converged
    assert found.notes == made.notes


@pytest.mark.parametrize(
    ("other", "nodes", "named"),
    [
        (model_of(2), 1, "the values in the rows"),
        (model_of(link="cloglog"), 1, "its link"),
        (model_of(), 5, "its number of nodes"),
        (model_of(groups=False), 1, "the number of groups, the values in the rows"),
        (model_of(weighted=True), 1, "the values in the rows"),
    ],
)
def test_a_fit_of_other_rows_is_refused_in_words(other, nodes, named):
    with pytest.raises(StudyError, match=f"it differs in {named}.*\n.*made anew"):
        restored(other, nodes, on_paper(model_of().fit()))


def test_fewer_rows_and_columns_are_named_without_their_numbers():
    kept = on_paper(model_of().fit())
    fewer = model_of()
    fewer = MultilevelHazard(fewer.endog[:200], fewer.exog[:200, :2], fewer.group_codes[:200])
    with pytest.raises(StudyError) as refusal:
        restored(fewer, 1, kept)
    assert "number of rows, the number of columns" in str(refusal.value)
    assert "300" not in str(refusal.value)
    assert "200" not in str(refusal.value)
