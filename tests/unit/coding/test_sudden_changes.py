"""Sudden gains and losses: by hand, against a slow independent coder, and where peers break."""

import statistics

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rupture_outcome.coding.sudden_changes import sudden_changes
from tests.unit.coding.toy_series import panel_of, study

NAN = np.nan
# The payload of R's NA; written by its bits, because arithmetic would make it quiet.
SIGNALLING = np.array([0x7FF00000000007A2], np.uint64).view(np.float64)


def coded(series, **criteria):
    return sudden_changes([series], **{"cut": 7, **criteria})


def only_event(series, **criteria) -> pd.Series:
    events = coded(series, **criteria).events
    assert len(events) == 1
    return events.iloc[0]


def test_an_event_by_hand() -> None:
    event = only_event([31, 30, 32, 16, 15, NAN, 14, 12])
    assert event[["event", "before", "after"]].tolist() == [1, 3, 4]
    around = event.loc["n_minus_2":"n_plus_3"].to_numpy(float)
    np.testing.assert_array_equal(around, [31, 30, 32, 16, 15, NAN])
    assert event["magnitude"] == 16
    assert event["total_change"] == 31 - 12
    assert event["share_of_change"] == pytest.approx(16 / 19)
    assert not event["reversed"]
    assert pd.isna(event["reversed_at"])


def test_scores_around_end_with_the_series() -> None:
    scores = [[30, 30, 15, 15], [40, 41, 42, 43]]
    event = sudden_changes(scores, cut=7).events.iloc[0]
    around = event.loc["n_minus_2":"n_plus_3"].to_numpy(float)
    np.testing.assert_array_equal(around, [NAN, 30, 30, 15, 15, NAN])


@pytest.mark.parametrize(
    ("series", "before", "expected"),
    [
        ([30, 30, 30, 15, 15, 15], 3, ["met", "met", "met", "met"]),
        ([20, 20, 20, 14, 14, 14], 3, ["not_met", "met", "met", "not_met"]),  # 6 points
        ([40, 40, 40, 32, 32, 32], 3, ["met", "not_met", "met", "not_met"]),  # 20 %
        ([30, 10, 30, 15, 30, 15], 3, ["met", "met", "not_met", "not_met"]),  # restless
        ([30, 30, NAN, 15, 15, 15], 3, ["not_testable", "not_testable", "met", "not_testable"]),
        # 7 points and 25 % exactly
        ([28, 28, 28, 21, 21, 21], 3, ["met", "met", "met", "met"]),
    ],
)
def test_each_criterion_has_its_own_verdict(series, before, expected) -> None:
    steps = coded(series).intervals.set_index("before")
    assert list(steps.loc[before, ["size", "share", "stability", "all"]]) == expected


def test_whether_a_step_is_testable_does_not_depend_on_its_size() -> None:
    # one score after the step: a failed size does not make it testable
    for after in (29, 10):
        step = coded([30, 30, 30, after, NAN, NAN]).intervals.set_index("before").loc[3]
        assert step["stability"] == "not_testable"
        assert step["all"] == "not_testable"


def test_steps_that_can_be_analysed_run_from_the_second_session_to_the_last_but_one() -> None:
    steps = coded(np.arange(12.0)).intervals
    assert list(steps["before"]) == list(range(2, 11))
    unstable = coded(np.arange(12.0), stability=None).intervals
    assert list(unstable["before"]) == list(range(1, 12))


def test_a_loss_can_fail_its_share_of_the_score() -> None:
    small = [40, 40, 40, 48, 48, 48]
    step = coded(small, change="rise").intervals.set_index("before").loc[3]
    assert list(step[["size", "share", "stability", "all"]]) == ["met", "not_met", "met", "not_met"]
    assert len(coded([40, 40, 40, 50, 50, 50], change="rise").events) == 1


def test_an_improvement_is_not_a_loss() -> None:
    assert coded([40, 40, 40, 20, 20, 20], change="rise").events.empty


def test_a_reversal_may_come_right_after_the_gain() -> None:
    event = only_event([30, 30, 30, 15, 24, 24])
    assert event["reversed"]
    assert event["reversed_at"] == 5


def test_losing_half_of_a_gain_exactly_is_no_reversal() -> None:
    assert not only_event([30, 30, 30, 14, 22, 22])["reversed"]
    assert only_event([30, 30, 30, 14, 22, 22, 23])["reversed_at"] == 7


def test_a_loss_is_reversed_by_a_fall() -> None:
    assert only_event([20, 20, 20, 40, 40, 40, 29], change="rise")["reversed_at"] == 7
    assert not only_event([20, 20, 20, 40, 40, 40, 31], change="rise")["reversed"]


def test_the_largest_is_the_largest_also_of_losses() -> None:
    for series, change in (
        ([10, 10, 10, 20, 20, 20, 45, 45, 45, 60, 60, 60], "rise"),
        ([60, 60, 60, 45, 45, 45, 20, 20, 20, 10, 10, 10], "fall"),
    ):
        person = coded(series, change=change).persons.iloc[0]
        assert person[["changes", "first", "largest", "largest_magnitude"]].tolist() == [
            3,
            3,
            6,
            25,
        ]


def test_of_equal_changes_the_earlier_is_the_largest() -> None:
    assert coded([60, 60, 60, 40, 40, 40, 20, 20, 20]).persons["largest"].item() == 3


def test_a_share_of_no_change_is_missing() -> None:
    event = only_event([30, 30, 30, 15, 15, 15, 30, 30, 30])
    assert event["total_change"] == 0
    assert np.isnan(event["share_of_change"])


def test_the_two_stability_tests_differ() -> None:
    # difference of means 5, pooled SD 2: limits 4.53 and 5.55
    series = [52, 48, 50, 45, 47, 43]
    criteria = {"cut": 4, "share": 0.05}
    assert len(coded(series, stability="t", **criteria).events) == 1
    assert coded(series, stability="package", **criteria).events.empty


def test_a_persons_row() -> None:
    scores = pd.DataFrame(
        [[30, 30, 30, 15, 24, 24], [30, 30, 30, 29, 30, 30], [30, NAN, 30, NAN, 30, NAN]],
        index=pd.Index(["a", "b", "c"]),
    )
    persons = sudden_changes(scores, cut=7).persons.set_index("patient_id")
    assert list(persons["verdict"]) == ["detected", "not_detected", "not_testable"]
    assert list(persons["testable"]) == [3, 3, 0]
    assert list(persons["changes"]) == [1, 0, 0]
    assert persons["first"].isna().tolist() == [False, True, True]
    assert persons.loc["a", "any_reversed"] is np.True_
    assert persons["any_reversed"].isna().tolist() == [False, True, True]
    assert persons["total_change"].tolist() == [6, 0, 0]


def test_rs_missing_value_is_like_any_other() -> None:
    quiet = np.array([[30, 30, NAN, 30, 15, 15, 15, NAN]])
    signalling = quiet.copy()
    signalling[0, [2, 7]] = SIGNALLING
    for missing in (signalling, pd.DataFrame(signalling)):
        pd.testing.assert_frame_equal(
            sudden_changes(missing, cut=7).events, sudden_changes(quiet, cut=7).events
        )


@pytest.mark.parametrize("scores", [np.full((2, 6), NAN), np.zeros((2, 3)), np.zeros((0, 6))])
def test_nothing_to_find(scores) -> None:
    found = sudden_changes(scores, cut=7)
    assert found.events.empty
    assert len(found.persons) == len(scores)
    assert not (found.persons["changes"] > 0).any()


@pytest.mark.parametrize(
    ("criteria", "word"),
    [
        ({"stability": "z"}, "package"),
        ({"change": "down"}, "rise"),
        ({"share_of": "points"}, "range"),
        ({"share_of": "range"}, "span"),
    ],
)
def test_criteria_that_make_no_sense(criteria, word) -> None:
    with pytest.raises(ValueError, match=word):
        coded([1.0, 2.0], **criteria)


def test_a_share_of_scores_below_0_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="share of the range"):
        coded([-3.0, 2.0])
    assert coded([-3.0, 2.0], share_of="range", span=10).events.empty


def random_scores(persons: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    steps = rng.choice([0, 0, 0, -9, 8], (persons, 12)).cumsum(axis=1)
    x = np.clip(np.rint(30 + steps + rng.normal(0, 2, (persons, 12))), 0, 63)
    x[rng.random(x.shape) < 0.15] = NAN
    return x


def is_sudden(x, n, stability) -> bool | None:
    """One step from session n to the next, counted from 0; None where it cannot be tested."""
    before = [v for v in x[max(n - 2, 0) : n + 1] if not np.isnan(v)]
    after = [v for v in x[n + 1 : n + 4] if not np.isnan(v)]
    if np.isnan(x[n]) or np.isnan(x[n + 1]) or len(before) < 2 or len(after) < 2:
        return None
    told = [(statistics.mean(v), statistics.stdev(v), len(v)) for v in (before, after)]
    if stability == "t" and any(sd > 0 for _, sd, _ in told):
        test = stats.ttest_ind_from_stats(*told[0], *told[1])
        stable = test.statistic > 0 and test.pvalue < 0.05
    else:
        freedom = len(before) + len(after) - 2
        squares = sum((len(v) - 1) * statistics.variance(v) for v in (before, after))
        limit = stats.t.ppf(0.975, freedom) * (squares / freedom) ** 0.5
        stable = statistics.mean(before) - statistics.mean(after) > limit
    return bool(x[n] - x[n + 1] >= 7 and x[n] - x[n + 1] >= 0.25 * x[n] and stable)


@pytest.mark.parametrize("stability", ["t", "package"])
def test_a_slow_coder_agrees(stability) -> None:
    scores = random_scores(150, seed=3)
    steps = sudden_changes(scores, cut=7, stability=stability).intervals
    told = steps["all"].map({"met": True, "not_met": False}).to_numpy(object)
    expected = [is_sudden(scores[p], n - 1, stability) for p, n in zip(*keys(steps), strict=True)]
    assert [None if pd.isna(v) else v for v in told] == expected
    assert expected.count(True) > 10


def keys(steps: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    return steps["patient_id"], steps["before"]


def test_reversals_agree_with_a_slow_search() -> None:
    scores = random_scores(200, seed=4)
    events = sudden_changes(scores, cut=7).events
    for event in events.itertuples():
        limit = event.n_plus_1 + event.magnitude / 2
        later = np.flatnonzero(scores[event.patient_id, event.after :] > limit)
        assert event.reversed == bool(len(later))
        assert not len(later) or event.reversed_at == event.after + 1 + later[0]
    assert events["reversed"].nunique() == 2


def test_falls_and_rises_mirror_each_other() -> None:
    scores = random_scores(100, seed=5)
    criteria = {"cut": 7, "share_of": "range", "span": 63, "share": 0.2}
    fall, rise = (
        sudden_changes(x, change=change, **criteria).events[["patient_id", "after", "reversed_at"]]
        for x, change in ((scores, "fall"), (63 - scores, "rise"))
    )
    pd.testing.assert_frame_equal(fall, rise)


def test_a_panel_that_bridges_nothing_is_coded_like_a_wide_table() -> None:
    scores = random_scores(80, seed=6)
    long = study(
        {f"p{i:02}": [None if np.isnan(v) else v for v in x] for i, x in enumerate(scores)}
    )
    panel = panel_of(long, bridge_unrated=False)
    wide, from_panel = (
        sudden_changes(x, cut=7, source=source).events.drop(columns="patient_id")
        for x, source in ((scores, None), (panel, "alliance_patient"))
    )
    pd.testing.assert_frame_equal(wide, from_panel)


@pytest.mark.parametrize(
    ("series", "bridge", "events"),
    [
        ([50, 50, None, 30, 30], {}, 1),  # an unrated session is skipped
        ([50, 50, None, 30, 30], {"bridge_unrated": False}, 0),
        ([50, 50, "missed", 30, 30], {}, 0),
        ([50, 50, "missed", 30, 30], {"bridge_missed": True}, 1),
        # nor do the means reach across a longer break than theirs
        ([50, 50, 30, *["missed"] * 9, 30], {}, 0),
    ],
)
def test_missed_sessions_part_a_panels_series(series, bridge, events) -> None:
    panel = panel_of(study({"a": series}), **bridge)
    assert len(sudden_changes(panel, source="alliance_patient", cut=7).events) == events


def test_a_panels_source_has_to_be_named() -> None:
    with pytest.raises(ValueError, match="source"):
        sudden_changes(panel_of(study({"a": [50]})), cut=7)
