"""What was rated, and how much of it at the best score."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.ratings import rated_shares
from rupture_outcome.products.ratings import NOTHING, alt_text, draw_ratings
from tests.unit.figure_texts import texts
from tests.unit.products import looks
from tests.unit.products.treatments import study

INSTRUMENTS = {
    "wai": {"measures": "alliance_patient", "range": [12, 52], "direction": 1},
    "phq": {"measures": "symptom", "range": [10, 27], "direction": -1},
}
REAL = replace(looks.REAL, settings={"instruments": INSTRUMENTS})
SIMULATED = replace(looks.SIMULATED, settings={"instruments": INSTRUMENTS})


@pytest.fixture(scope="module")
def sessions() -> pd.DataFrame:
    return study()["sessions"]


def figure_of(ratings, look):
    return draw_ratings({"ratings": ratings}, look).figure


def test_sessions_are_pooled_until_there_are_enough_to_take_a_share_of():
    rated = [1] * 30 + [1] * 25 + [np.nan] * 5 + [1] * 15 + [np.nan] * 9 + [1] * 8
    session = [1] * 30 + [2] * 30 + [3] * 24 + [4] * 8
    frame = pd.DataFrame({"session": session, "attended": 1, "symptom": rated})
    columns = ["first", "last", "whole", "part"]
    pooled = rated_shares(frame, {}, least=30)
    assert pooled[columns].to_numpy().tolist() == [
        [1, 1, 30, 30], [2, 2, 30, 25], [3, 4, 32, 23],
    ]  # fmt: skip
    assert rated_shares(frame, {}, least=40)[columns].to_numpy().tolist() == [[1, 4, 92, 78]]
    exact = rated_shares(frame, {})
    assert exact[columns].to_numpy().tolist() == [
        [1, 1, 30, 30], [2, 2, 30, 25], [3, 3, 24, 15], [4, 4, 8, 8],
    ]  # fmt: skip


def test_shares_of_a_real_study_are_of_rounded_counts_of_many(publish, sessions):
    ratings = publish("ratings", REAL, sessions=sessions)
    assert (ratings["whole"] >= 100).all()
    assert (ratings["whole"] % 10).eq(0).all()
    best = ratings.query("measure == 'at_best' and source == 'symptom'")
    assert best["share"].eq(1).all()


def test_missed_sessions_are_not_counted_and_the_figure_is_marked(publish, sessions):
    ratings = publish("ratings", SIMULATED, sessions=sessions)
    assert 2 not in set(ratings["first"])
    assert "Simulated data" in texts(figure_of(ratings, SIMULATED))
    assert "with a rating: Alliance, by patient 100%" in alt_text(ratings)


def test_a_study_in_which_nothing_was_rated_says_so(publish, sessions):
    unrated = sessions.assign(alliance_patient=np.nan, symptom=np.nan)
    ratings = publish("ratings", REAL, sessions=unrated)
    assert NOTHING in texts(figure_of(ratings, REAL))
    assert alt_text(ratings) == NOTHING
