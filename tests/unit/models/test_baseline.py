import numpy as np
import pandas as pd
import pytest

from rupture_outcome.models.baseline import baseline_bands


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
