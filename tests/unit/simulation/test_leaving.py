from dataclasses import replace

import numpy as np
import pytest

from rupture_outcome.simulation.leaving import (
    INTACT,
    UNREPAIRED,
    World,
    draw_courses,
    histories,
    person_sessions,
)

WORLD = World(patients=40_000, rupture_ratio=2.0, repair_ratio=0.25)


@pytest.fixture(scope="module")
def rows():
    return person_sessions(WORLD, draw_courses(WORLD, np.random.default_rng(5)))


def test_each_state_has_its_chance_of_dropout(rows):
    at_risk = rows[rows["at_risk"]]
    by_state = at_risk.groupby("state", observed=True)["dropout"].agg(["mean", "size"])
    error = np.sqrt(WORLD.chances * (1 - WORLD.chances) / by_state["size"])
    # Beyond 3.29 standard errors a normal variable falls once in a thousand times.
    assert (abs(by_state["mean"] - WORLD.chances) < 3.29 * error).all()


def test_ruptures_come_and_go_as_often_as_they_should(rows):
    before = rows.groupby("patient_id")["state"].shift()
    begins = rows.loc[before.isin(["intact", "repaired"]), "state"].eq("unrepaired")
    mends = rows.loc[before.eq("unrepaired"), "state"].eq("repaired")
    for found, chance in ((begins, WORLD.rupture), (mends, WORLD.repair)):
        assert found.mean() == pytest.approx(chance, abs=3.29 * found.std() / len(found) ** 0.5)


def test_the_risk_set_is_one_spell_a_patient_with_one_ending(rows):
    assert rows["patient_id"].nunique() == WORLD.patients
    last = rows.groupby("patient_id").tail(1)
    assert rows["event"].ne("none").sum() == len(last)
    assert last["event"].ne("none").all()
    assert (rows["session"] == rows.groupby("patient_id").cumcount() + 1).all()
    assert rows.loc[~rows["at_risk"], "dropout"].sum() == 0
    assert rows["session"].max() == WORLD.sessions


def test_therapists_differ_where_they_should():
    world = replace(WORLD, therapists=10, therapist_sd=1.0)
    courses = draw_courses(world, np.random.default_rng(1))
    shares = [courses.dropout[j::10].mean() for j in range(10)]
    assert np.std(shares) > 0.1


def test_histories_end_with_treatment():
    courses = draw_courses(World(patients=500), np.random.default_rng(2))
    told = histories(courses)
    assert (told.attended.sum(axis=1) == courses.last).all()
    assert (told.since_repair <= told.since_rupture).all()
    assert (told.since_rupture <= told.attended).all()
    assert (courses.state[told.attended & ~told.since_rupture] == INTACT).all()
    waiting = told.since_rupture & ~told.since_repair
    assert (courses.state[waiting] == UNREPAIRED).all()
