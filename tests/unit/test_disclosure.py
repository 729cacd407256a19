"""What may leave: counts are rounded, what follows from them too; what rests on few is withheld."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rupture_outcome.disclosure import Categories, Column, known, protect, rounded
from rupture_outcome.look.formats import count_text

THRESHOLD = 10
counts = st.integers(0, 10_000)


@given(counts, st.integers(1, 50))
def test_a_count_is_zero_small_or_a_multiple_near_it(n, threshold):
    shown = rounded(n, threshold)
    if n == 0:
        assert shown == 0
    elif n <= threshold:
        assert shown == -threshold
    else:
        assert shown % threshold == 0
        assert abs(shown - n) <= threshold / 2


@given(counts)
def test_without_a_threshold_counts_are_exact(n):
    assert rounded(n, 0) == n


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=30))
def test_shares_follow_from_the_rounded_counts(pairs):
    frame = pd.DataFrame(pairs, columns=["a", "b"])
    frame = pd.DataFrame({"part": frame.min(axis=1), "whole": frame.max(axis=1)})
    frame["rate"] = frame["part"] / frame["whole"].replace(0, np.nan)
    columns = [
        Column("part", "count"),
        Column("whole", "count"),
        Column("rate", "share", of=("part", "whole")),
    ]
    shown = protect(frame, columns, THRESHOLD)
    part, whole = known(shown["part"]), known(shown["whole"])
    expected = (part / whole.where(whole > 0)).to_numpy()
    np.testing.assert_array_equal(shown["rate"].to_numpy(float), expected)


@given(st.integers(1, 3000), st.data())
def test_a_curve_says_no_more_than_rounded_counts_would(n, data):
    events = data.draw(st.integers(0, n))
    frame = pd.DataFrame({"n": [n], "share": [events / n], "low": [0.0], "high": [1.0]})
    column = Column("share", "mean", of=("n",), ends=("low", "high"))
    ends = [Column(name, "follows") for name in ("low", "high")]
    shown = protect(frame, [Column("n", "count"), column, *ends], THRESHOLD).iloc[0]
    if n <= THRESHOLD or 1 <= events <= THRESHOLD:
        assert pd.isna(shown["share"])
        return
    steps = shown["share"] * shown["n"] / THRESHOLD
    assert steps == pytest.approx(round(steps), abs=1e-9)
    assert shown["share"] == pytest.approx(events / n, abs=THRESHOLD / shown["n"])


ESTIMATE = [
    Column("estimate", "estimate", of=("fewest",), ends=("low", "high"), se="se"),
    *(Column(name, "follows") for name in ("low", "high", "se")),
    Column("fewest", "basis"),
]


def effect(fewest, estimate=-0.652345, se=0.289765):
    ends = {"low": estimate - 1.96 * se, "high": estimate + 1.96 * se}
    return pd.DataFrame([{"estimate": estimate, "se": se, **ends, "fewest": fewest}])


@pytest.mark.parametrize("fewest", range(1, THRESHOLD + 1))
def test_an_estimate_that_rests_on_few_is_withheld_with_its_error(fewest):
    shown = protect(effect(fewest), ESTIMATE, THRESHOLD)
    assert "fewest" not in shown
    assert shown.isna().all(axis=None)


def test_an_estimate_has_the_digits_that_its_error_supports():
    shown = protect(effect(11), ESTIMATE, THRESHOLD).iloc[0]
    assert shown.to_dict() == {"estimate": -0.65, "low": -1.29, "high": -0.01, "se": 0.33}
    exact = protect(effect(3), ESTIMATE, 0)
    pd.testing.assert_frame_equal(exact, effect(3).drop(columns="fewest"), check_like=True)


@given(st.integers(11, 5000), st.floats(0.05, 2.0), st.floats(-3.0, 3.0))
def test_an_error_is_taken_up_by_no_more_than_a_step_and_its_interval_with_it(n, se, estimate):
    shown = protect(effect(n, estimate, se), ESTIMATE, THRESHOLD).iloc[0]
    step = 1 + THRESHOLD / (4 * rounded(n, THRESHOLD))
    last_digit = 0.5 * 10.0 ** (np.floor(np.log10(se * step)) - 1)
    assert se - last_digit <= shown["se"] + 1e-9
    assert shown["se"] <= se * step + last_digit + 1e-9
    for end, sign in (("low", -1), ("high", 1)):
        exact = estimate + sign * 1.96 * se
        assert sign * (shown[end] - exact) >= -last_digit - 1e-9
        assert shown[end] * exact >= 0  # no end passes 0


@pytest.mark.parametrize("se", [0.0961, 0.991, 9.71])
def test_an_error_keeps_two_digits_when_it_is_taken_over_a_power_of_ten(se):
    shown = protect(effect(17, se=se), ESTIMATE, THRESHOLD).iloc[0]
    assert shown["se"] > se
    assert f"{shown['se']:.2g}" == f"{shown['se']:.6g}".rstrip("0").rstrip(".")


def test_errors_of_nearly_the_same_size_leave_as_the_same():
    """What one event more or less would change is not seen."""
    errors = [np.sqrt(1 / d + 1 / 40) for d in (16, 17, 18)]
    shown = {protect(effect(17, se=se), ESTIMATE, THRESHOLD)["se"].iloc[0] for se in errors}
    assert len(shown) == 1


def test_an_interval_ends_where_its_scale_does():
    frame = pd.DataFrame({"kappa": [0.9], "low": [0.7], "high": [0.99], "n": [12]})
    column = Column("kappa", "estimate", of=("n",), ends=("low", "high"), most=1.0)
    ends = [Column(name, "follows") for name in ("low", "high")]
    shown = protect(frame, [column, *ends, Column("n", "basis")], THRESHOLD).iloc[0]
    assert shown["high"] == 1.0


def test_nothing_is_counted_inside_a_small_group():
    frame = pd.DataFrame({"patients": [7, 40], "events": [0, 0]})
    columns = [Column("patients", "count"), Column("events", "count", of=("patients",))]
    shown = protect(frame, columns, THRESHOLD)
    assert [count_text(n) for n in shown["events"]] == ["≤10", "0"]


def test_what_a_step_removed_is_the_difference_of_what_is_shown():
    frame = pd.DataFrame({"patients": [604, 601, 587], "removed": [0, 3, 14]})
    columns = [Column("patients", "count"), Column("removed", "difference", of=("patients",))]
    shown = protect(frame, columns, THRESHOLD)
    assert shown["removed"].tolist() == [0, 0, 10]
    assert protect(frame, columns, 0)["removed"].tolist() == [0, 3, 14]


def test_small_categories_lose_their_labels_within_their_own_variable():
    frame = pd.DataFrame(
        {
            "variable": ["treatment"] * 4 + ["gender"] * 2,
            "value": ["cbt", "a@b.org", "c@d.org", "act", "female", "x"],
            "patients": [300, 1, 2, 9, 310, 2],
        }
    )
    columns = [Column("variable"), Column("value"), Column("patients", "count")]
    shown = protect(frame, columns, THRESHOLD, Categories("value", "patients", ("variable",)))
    assert shown.to_numpy().tolist() == [
        ["treatment", "cbt", 300],
        ["treatment", "other", 10],
        ["gender", "female", 310],
        ["gender", "other", -10],
    ]
    same = protect(frame, columns, 0, Categories("value", "patients", ("variable",)))
    assert same["value"].tolist() == frame["value"].tolist()


def test_a_row_without_a_label_is_no_category_and_a_whole_is_kept():
    frame = pd.DataFrame(
        {
            "value": ["", "cbt", "a@b.org", "c@d.org"],
            "n": [8, 300, 7, 8],
            "whole": [None, 315, 315, 315],
        }
    )
    columns = [
        Column("value"),
        Column("n", "count"),
        Column("percent", "share", unit="%", of=("n", "whole")),
        Column("whole", "basis"),
    ]
    categories = Categories("value", "n", ("whole",))
    shown = protect(frame.assign(percent=0.0), columns, THRESHOLD, categories)
    assert shown["value"].tolist() == ["", "cbt", "other"]
    assert shown["n"].tolist() == [-10, 300, 20]
    assert shown["percent"].fillna(-1).tolist() == [-1, 100 * 300 / 320, 100 * 20 / 320]


def test_the_interval_of_a_share_is_widened_to_rounded_counts():
    frame = pd.DataFrame({"part": [33], "whole": [104], "low": [0.24], "high": [0.41]})
    columns = [
        Column("part", "count"),
        Column("whole", "count"),
        Column("rate", "share", of=("part", "whole"), ends=("low", "high")),
        *(Column(name, "follows") for name in ("low", "high")),
    ]
    shown = protect(frame.assign(rate=33 / 104), columns, THRESHOLD).iloc[0]
    assert shown[["rate", "low", "high"]].tolist() == pytest.approx([0.3, 0.2, 0.5])


@given(st.lists(st.integers(0, 400), min_size=1, max_size=12))
def test_no_sum_or_difference_of_what_is_shown_is_a_small_count(given_counts):
    frame = pd.DataFrame({"n": given_counts})
    shown = known(protect(frame, [Column("n", "count")], THRESHOLD)["n"]).dropna()
    for a in shown:
        for b in shown:
            assert abs(a - b) % THRESHOLD == 0


def test_the_given_frame_is_not_changed():
    frame = pd.DataFrame({"n": [3, 25]})
    protect(frame, [Column("n", "count")], THRESHOLD)
    assert frame["n"].tolist() == [3, 25]


def test_a_column_of_unknown_kind_is_an_error():
    with pytest.raises(ValueError, match="no kind of column"):
        Column("n", "counts")


def test_a_p_value_tells_no_more_of_an_error_than_the_error_beside_it():
    raw = pd.DataFrame({"estimate": -0.65, "se": [0.281, 0.283, 0.287], "events": [40, 41, 42]})
    raw["p"] = 2 * stats.norm.sf(raw["estimate"].abs() / raw["se"])
    of, ends = ["events"], ["low", "high"]
    raw["low"], raw["high"] = raw["estimate"] - 2 * raw["se"], raw["estimate"] + 2 * raw["se"]
    shown = protect(
        raw,
        [
            Column("estimate", "estimate", of=of, ends=ends, se="se"),
            *(Column(name, "follows") for name in ("se", "low", "high")),
            Column("p", "p", of=of, se="se"),
        ],
        10,
    )
    assert shown["p"].gt(raw["p"]).all()
    told = 0.65 / stats.norm.isf(shown["p"] / 2)  # the error that estimate and p-value give
    assert told == pytest.approx(shown["se"].to_numpy(), rel=0.02)
    assert shown["p"].nunique() == shown["se"].nunique() == 1  # three errors, of 40 to 42 events


def test_tests_without_an_error_go_down_to_the_next_step():
    statistics = np.linspace(3.8, 4.2, 9)
    raw = pd.DataFrame({"statistic": statistics, "p": stats.chi2.sf(statistics, 1), "events": 40})
    columns = [Column("statistic", "test", of=["events"]), Column("p", "p", of=["events"])]
    shown = protect(raw, columns, 10)
    assert shown["statistic"].le(raw["statistic"]).all()
    assert shown["p"].gt(0.99 * raw["p"]).all()  # two digits
    assert shown["statistic"].nunique() <= 2
    again = stats.chi2.sf(shown["statistic"], 1)  # of one degree of freedom: they agree
    assert again == pytest.approx(shown["p"].to_numpy(), rel=0.06)
    pd.testing.assert_frame_equal(protect(raw, columns, 0), raw[["statistic", "p"]])
