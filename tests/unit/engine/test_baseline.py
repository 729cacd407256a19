import numpy as np
import pandas as pd
import pytest
from formulaic import model_matrix

from rupture_outcome.engine.baseline import baseline_bands, natural_spline, spline_knots


def bands(events_by_time, min_events):
    time = pd.Series(np.repeat(np.arange(1, len(events_by_time) + 1), 10))
    event = pd.Series(np.concatenate([np.repeat([1, 0], [n, 10 - n]) for n in events_by_time]))
    return baseline_bands(time, event, min_events), event


@pytest.mark.parametrize(
    ("events_by_time", "labels"),
    [
        ([5, 6, 7], ["1", "2", "3+"]),
        ([5, 2, 3, 5], ["1", "2–3", "4+"]),
        ([5, 5, 2, 0], ["1", "2+"]),  # the remainder joins the last band
        ([1, 1, 1], ["1+"]),
        ([0, 0, 9], ["1+"]),
    ],
)
def test_adjacent_times_are_pooled(events_by_time, labels):
    assert bands(events_by_time, 5)[0].cat.categories.tolist() == labels


def test_every_band_has_enough_events():
    rng = np.random.default_rng(3)
    for _ in range(50):
        band, event = bands(rng.integers(0, 5, size=20), 5)
        assert event.groupby(band, observed=True).sum().min() >= 5


def test_bands_keep_the_index_and_follow_time():
    time = pd.Series([3, 1, 2], index=[7, 8, 9])
    band = baseline_bands(time, pd.Series([1, 1, 1], index=[7, 8, 9]), 1)
    assert band.to_dict() == {7: "3+", 8: "1", 9: "2"}


def test_knots_are_quantiles_of_the_times_of_events():
    time = pd.Series([1, 2, 3, 4, 5, 6, 7, 30])
    assert spline_knots(time, time.lt(8).astype(int)) == pytest.approx((1, 3, 5, 7))
    assert spline_knots(time, time.eq(3).astype(int)) == ()
    assert spline_knots(time, time.eq(0).astype(int)) == ()


def test_a_natural_spline_is_straight_beyond_its_knots():
    knots = (1.0, 3.0, 5.0, 9.0)
    outside = natural_spline(np.array([-3.0, -1.0, 1.0, 9.0, 14.0, 19.0]), knots)
    np.testing.assert_allclose(outside[2] - outside[1], outside[1] - outside[0], atol=1e-12)
    np.testing.assert_allclose(outside[5] - outside[4], outside[4] - outside[3], atol=1e-12)


def test_it_spans_what_the_spline_of_formulaic_spans():
    x = np.linspace(0, 10, 60)
    mine = np.column_stack([np.ones(60), natural_spline(x, (0.0, 2.0, 5.0, 10.0))])
    theirs = np.asarray(
        model_matrix(
            "cr(x, knots=[2, 5], lower_bound=0, upper_bound=10) - 1", pd.DataFrame({"x": x})
        )
    )
    rest = theirs - mine @ np.linalg.lstsq(mine, theirs, rcond=None)[0]
    assert mine.shape == theirs.shape
    assert np.abs(rest).max() < 1e-9
