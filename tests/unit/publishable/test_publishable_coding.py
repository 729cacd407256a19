"""What coding publishes shows no small count, and leaves none to be computed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rupture_outcome.engine.chance_corrected import ac1, cohen_kappa, marginals
from rupture_outcome.publishable.coding import (
    CELLS,
    publishable_accuracy,
    publishable_definition_agreement,
    publishable_detected_by,
    publishable_onset_agreement,
    publishable_sweep,
)
from rupture_outcome.publishable.raters import (
    publishable_rater_agreement,
    publishable_strategies,
)
from rupture_outcome.publishable.shares import TOO_FEW, coarse
from rupture_outcome.publishable.suppress import count_texts, is_small

T = 10
few = settings(max_examples=40)
count = st.integers(0, 300)


def no_small(counts) -> bool:
    return not any(is_small(n, T) for n in counts)


def agreement(cells, patients=500) -> pd.DataFrame:
    rows = []
    for i, four in enumerate(cells):
        pa, pb = marginals(four)
        kappa = float(cohen_kappa(four))
        rows.append(
            {
                "definition_a": "one", "definition_b": f"d{i}", "n": sum(four), "kappa": kappa,
                "ci_low": kappa - 0.1, "ci_high": kappa + 0.1, "prevalence_a": float(pa),
                "prevalence_b": float(pb), "ac1": float(ac1(four)),
                **dict(zip(CELLS, four, strict=True)), "patients": patients, "note": "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def test_shares_are_rounded_to_steps_wider_than_twice_the_threshold() -> None:
    shares, n = pd.Series([0.128] * 4), pd.Series([2001, 2000, 201, 200])
    assert coarse(shares, n, T).tolist()[:3] == [0.13, 0.1, 0.1]
    assert np.isnan(coarse(shares, n, T).iloc[3])
    assert np.isnan(coarse(shares, n, T, decimals=[2]).iloc[1])


@few
@given(st.lists(st.tuples(count, count, count, count), min_size=1, max_size=5))
def test_definition_agreement_leaves_no_cell_to_derive(cells) -> None:
    out = publishable_definition_agreement(agreement(cells), T)
    for column in [*CELLS, "n", "patients"]:
        assert no_small(out[column].dropna())
    whole = out["n"].astype(float) - out[CELLS[:3]].astype(float).sum(axis=1, skipna=False)
    assert no_small(whole.dropna())
    hidden = out["both"].isna()
    for raw, row in zip(cells, out.to_dict("records"), strict=True):
        if any(is_small(n, T) for n in raw):
            assert pd.isna(row["both"])
            assert pd.isna(row["ac1"])
            assert pd.isna(row["kappa"]) or row["kappa"] == round(row["kappa"], 2)
    shares = out.loc[hidden, ["prevalence_a", "prevalence_b"]].astype(float)
    assert (shares.isna() | (shares == shares.round(2))).all(axis=None)


def test_sessions_that_only_one_definition_can_test_are_not_given_away() -> None:
    raw = agreement([(40, 30, 50, 880)])
    public = pd.DataFrame(
        {
            "definition": ["one", "d0"], "sessions_testable": [1100, 1200],
            "sessions_detected": [77, 300], "patients_testable": [550, 560],
        }
    )  # fmt: skip
    open_cells = publishable_definition_agreement(raw, T)
    assert open_cells["both"].tolist() == [40]
    out = publishable_definition_agreement(raw, T, public)  # 77 − (40 + 30) detected elsewhere
    assert out["both"].isna().all()
    near = public.assign(sessions_testable=[1004, 1200], sessions_detected=[100, 300])
    assert count_texts(publishable_definition_agreement(raw, T, near), "n") == ["≈1004"]


def raters(**columns) -> pd.DataFrame:
    row = {
        "measure": "withdrawal", "model": "two raters", "type": "present at ≥ 2", "unit": "single",
        "n": 120, "raters": 2, "estimate": 0.5, "ci_low": 0.4, "ci_high": 0.6,
        "statistic": "Cohen's kappa", "patients": 80, "half": "all", "present_low": 0.2,
        "present_high": 0.3, "fewest": 20.0,
        "note": "sessions of raters Anna; of 3, Ben of 5; raters say present in 20% to 30% of "
        "their sessions; interval from 7 patients only",
    }  # fmt: skip
    return pd.DataFrame([row | columns])


def test_raters_are_not_named() -> None:
    out = publishable_rater_agreement(raters(), T)
    assert out["note"].tolist() == [
        "sessions that the same 2 of 5 raters rated; interval from ≤10 patients only"
    ]
    assert "fewest" not in out


@pytest.mark.parametrize("change", [{"n": 8}, {"patients": 4}, {"fewest": 3.0}])
def test_agreement_from_few_is_withheld_with_its_note(change) -> None:
    out = publishable_rater_agreement(raters(**change), T)
    hidden = ["estimate", "ci_low", "ci_high", "present_low", "present_high"]
    assert out[hidden].isna().all(axis=None)
    assert out["note"].tolist() == [TOO_FEW]


def test_early_and_late_sessions_are_kept_at_a_distance_from_all() -> None:
    rows = pd.concat(
        [raters(n=600), raters(n=594, half="early"), raters(n=6, half="late")], ignore_index=True
    )
    out = publishable_rater_agreement(rows, T)
    assert count_texts(out, "n") == ["600", "≈600", "≤10"]


def sets(sessions, patients=None) -> pd.DataFrame:
    n = sum(sessions)
    frame = pd.DataFrame(
        {
            "detected_by": ["none", *(f"s{i}" for i in range(1, len(sessions)))],
            "definitions": 1, "sessions": sessions, "patients": patients or sessions,
            "share": np.array(sessions) / max(n, 1), "n": n,
        }
    )  # fmt: skip
    return frame.assign(drop_rci=[int(i > 0) for i in range(len(sessions))])


@few
@given(st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_sets_are_joined_until_they_cannot_be_counted(sessions) -> None:
    out = publishable_detected_by(sets(sorted(sessions, reverse=True)), T)
    known = out["sessions"].dropna()
    assert no_small(known) or len(out) == 1
    if not is_small(sum(sessions), T):
        assert no_small(known)
        assert known.sum() == sum(sessions)
    assert no_small(out["patients"].dropna())


def test_sets_of_few_patients_are_joined_too() -> None:
    out = publishable_detected_by(sets([500, 40, 30, 3], patients=[200, 9, 30, 3]), T)
    assert out["detected_by"].tolist() == ["none", "s2", "other sets"]
    assert out["sessions"].tolist() == [500, 30, 43]
    assert count_texts(out, "patients") == ["200", "30", "–"]


def test_sets_near_a_published_count_keep_shares_only() -> None:
    public = pd.DataFrame(
        {"definition": ["drop_rci"], "sessions_testable": [542], "sessions_detected": [90]}
    )
    out = publishable_detected_by(sets([500, 40]), T, public)
    assert out[["sessions", "n"]].isna().all(axis=None)
    assert out["share"].tolist() == [0.9, 0.1]


def onsets(rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["onsets_a", "onsets_b", "matched"])
    return frame.assign(
        definition_a="one", definition_b=[f"d{i}" for i in range(len(frame))], tolerance=1,
        sensitivity=frame["matched"] / frame["onsets_b"].clip(lower=1),
        precision=frame["matched"] / frame["onsets_a"].clip(lower=1),
        positive_agreement=0.4, lag_mean=0.25, patients=200,
    )  # fmt: skip


@few
@given(st.lists(st.tuples(count, count, count), min_size=1, max_size=5))
def test_onset_agreement_leaves_nothing_to_derive(rows) -> None:
    out = publishable_onset_agreement(onsets([(*r[:2], min(r)) for r in rows]), T)
    for side in ("onsets_a", "onsets_b"):
        assert no_small(out[side].dropna())
        assert no_small((out[side] - out["matched"]).dropna())
    assert no_small(out["matched"].dropna())
    known = out["onsets_a"].dropna().tolist()
    assert no_small(abs(a - b) for a in known for b in known)
    exact = (out["precision"] * out["onsets_a"].astype(float))[out["matched"].isna()].dropna()
    step = 0.1 * out["onsets_a"].astype(float)[exact.index]
    assert (step > 2 * T).all() or (out.loc[exact.index, "onsets_a"] > 2000).any()


def test_strategies_of_few_sessions_keep_no_number() -> None:
    raw = pd.DataFrame(
        {
            "marker_kind": "withdrawal", "strategy": ["none", "validate", "disclose"],
            "sessions": [80, 40, 6], "patients": [60, 30, 6], "resolution_mean": [1.5, 3.0, 4.0],
            "resolution_n": [78, 40, 6], "resolved": [12, 35, 2], "n": 150,
            "share": np.array([80, 40, 6]) / 150,
        }
    )  # fmt: skip
    out = publishable_strategies(raw, T)
    assert count_texts(out, "sessions") == ["80", "40", "≤10"]
    assert count_texts(out, "resolution_n") == ["≈80", "40", "≤10"]
    assert count_texts(out, "resolved") == ["12", "≈40", "≤10"]
    assert out["resolution_mean"].isna().tolist() == [False, False, True]
    assert out["share"].isna().tolist() == [False, False, True]


def sweep(detected) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "definition": "drop_sd", "parameter": "k", "value": np.arange(len(detected)) + 1.0,
            "sessions_testable": 5000, "sessions_detected": detected,
            "rate": np.array(detected) / 5000, "expected_by_chance": 1.5,
            "expected_without_change": 0.5, "sensitivity": 0.123456, "specificity": 0.98765,
            "in_use": False,
        }
    )  # fmt: skip


def test_a_sweep_shows_steps_of_more_than_few_sessions() -> None:
    out = publishable_sweep(sweep([400, 395, 200, 8, 0]), T)
    assert count_texts(out, "sessions_detected") == ["400", "≈400", "200", "≤10", "0"]
    assert out["rate"].tolist()[:3] == [0.08, 0.08, 0.04]
    assert np.isnan(out["rate"].iloc[3])
    assert publishable_sweep(sweep([400, 395]), T, full=True)["rate"].tolist() == [0.08, 0.079]


def test_a_sweep_keeps_its_distance_from_the_published_prevalence() -> None:
    public = pd.DataFrame(
        {"definition": ["drop_sd"], "sessions_testable": [5000], "sessions_detected": [204]}
    )
    out = publishable_sweep(sweep([400, 204, 200]), T, public)
    assert count_texts(out, "sessions_detected") == ["400", "204", "≈204"]


def test_accuracy_keeps_rates_of_simulated_persons() -> None:
    raw = pd.DataFrame(
        {
            "definition": ["v_shape"], "n": [900], "onsets": [100], "sensitivity": [0.05],
            "negatives": [700], "specificity": [0.99], "detections": [12], "found": [5],
        }
    )  # fmt: skip
    out = publishable_accuracy(raw, T)
    assert count_texts(out, "found") == ["≤10"]
    assert out["sensitivity"].tolist() == [0.05]


def test_a_threshold_of_zero_publishes_everything() -> None:
    raw = agreement([(3, 2, 1, 60)], patients=4)
    out = publishable_definition_agreement(raw, 0)
    pd.testing.assert_frame_equal(out[raw.columns], raw, check_dtype=False)
    assert publishable_detected_by(sets([50, 3]), 0)["sessions"].tolist() == [50, 3]


@pytest.mark.parametrize(
    ("publish", "frame"),
    [
        (publishable_definition_agreement, agreement([(1, 2, 3, 4)])),
        (publishable_rater_agreement, raters()),
        (publishable_detected_by, sets([50, 3])),
        (publishable_onset_agreement, onsets([(50, 40, 30)])),
        (publishable_sweep, sweep([400])),
    ],
)
def test_a_study_without_such_data_gives_an_empty_frame(publish, frame) -> None:
    out = publish(frame.iloc[:0], T)
    assert out.empty
    assert list(out.columns) == list(publish(frame, T).columns)
