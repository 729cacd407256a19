import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.immortal_time.person_time import example_courses, person_time
from rupture_outcome.estimates.immortal_time.worlds import BAND, LANDMARK, immortal_time
from rupture_outcome.estimates.landmark.landmark import EXPOSURE, after_landmark
from rupture_outcome.estimates.naive import naive_effects
from rupture_outcome.simulation.leaving import World, draw_courses, person_sessions

SMALL = World(patients=300)


@pytest.fixture(scope="module")
def found():
    return immortal_time(SMALL, np.random.default_rng(4), ratios=(0.5, 1.0), replicates=40)


def one(analysis, ratio, seed):
    table = immortal_time(
        World(patients=600), np.random.default_rng(seed), ratios=(ratio,), replicates=2
    )
    return table.set_index("analysis").loc[analysis]


def studies(seed):
    """The two studies that `one` is made from, as the risk set of the pipeline."""
    world = World(patients=1200)
    rows = person_sessions(world, draw_courses(world, np.random.default_rng(seed)))
    return [rows[rows["patient_id"].between(a, a + 599)] for a in (0, 600)]


def glm(rows, state, start):
    import statsmodels.formula.api as smf

    data = rows[rows["at_risk"]].assign(
        band=(rows["session"] - 1 - start) // BAND, now=rows[state].astype(str)
    )
    fit = smf.logit("dropout ~ C(band) + C(now, Treatment('unrepaired'))", data).fit(disp=False)
    return fit.params.filter(like="T.repaired").item()


def test_naive_is_the_comparison_of_the_pipeline():
    each = [
        naive_effects(rows, "recorded_ending", [], 0.95)[0]["estimate"].item()
        for rows in studies(6)
    ]
    assert one("naive", 1.0, 6)["estimate"] == pytest.approx(np.mean(each), abs=1e-8)


def test_hazard_and_landmark_are_regressions_on_the_risk_set_of_the_pipeline():
    rows = studies(6)
    hazard = np.mean([glm(each, "state", 0) for each in rows])
    assert one("hazard", 1.0, 6)["estimate"] == pytest.approx(hazard, abs=1e-6)
    later = [after_landmark(each, LANDMARK) for each in rows]
    landmark = np.mean(
        [glm(each[each[EXPOSURE] != "intact"], EXPOSURE, LANDMARK) for each in later]
    )
    assert one("landmark", 1.0, 6)["estimate"] == pytest.approx(landmark, abs=1e-6)


def test_one_row_a_world_and_analysis_with_errors(found):
    assert found[["true_ratio", "analysis"]].drop_duplicates().shape == (6, 2)
    assert (found["ratio_low"] < found["ratio"]).all()
    assert (found["ratio"] < found["ratio_high"]).all()
    assert found["ratio"].tolist() == pytest.approx(np.exp(found["estimate"]).tolist())
    share = found["excludes_one"]
    error = np.sqrt(share * (1 - share) / (found["replicates"] * found["estimable"]))
    assert found["excludes_one_error"].tolist() == pytest.approx(error.tolist())


def test_a_landmark_analysis_has_its_own_truth_unless_nothing_is_there(found):
    landmark = found[found["analysis"] == "landmark"].set_index("true_ratio")["coverage"]
    assert landmark.isna().to_dict() == {0.5: True, 1.0: False}


def test_the_seed_decides():
    draws = [
        immortal_time(SMALL, np.random.default_rng(seed), ratios=(1.0,), replicates=3)
        for seed in (1, 1, 2)
    ]
    pd.testing.assert_frame_equal(draws[0], draws[1])
    assert not draws[0].equals(draws[2])


def test_tiny_studies_say_how_many_could_be_analysed():
    tiny = immortal_time(World(patients=25), np.random.default_rng(1), ratios=(1.0,), replicates=50)
    assert (tiny["estimable"] < 1).all()


def test_sessions_before_the_first_repair_are_misplaced():
    rows = person_time(World(patients=50_000), np.random.default_rng(3)).set_index("group")
    ever, never = rows.loc["ever_repaired"], rows.loc["never_repaired"]
    parts = rows.loc[["ever_repaired", "never_repaired"]]
    total = parts[["before_rupture", "before_repair", "after_repair"]].sum(axis=1)
    assert total.tolist() == pytest.approx(parts["length"].tolist())
    assert ever["share"] + never["share"] == pytest.approx(1)
    assert ever["misplaced"] == pytest.approx(1 - ever["after_repair"] / ever["length"])
    assert (never["misplaced"], never["after_repair"]) == (0, 0)
    # 3 of 100 whatever the state; about 4,000 dropouts or more, so an error of 0.05 or less.
    assert rows.loc[["repaired", "unrepaired"], "dropout_per_100"].tolist() == pytest.approx(
        [3, 3], abs=0.17
    )
    assert ever["dropout_per_100"] < 2 < 5 < never["dropout_per_100"]


def test_example_courses_are_the_first_of_each_group():
    courses = example_courses(World(), np.random.default_rng(3), each=4)
    by_course = courses.groupby("course")
    assert by_course["group"].first().tolist() == ["ever_repaired"] * 4 + ["never_repaired"] * 4
    for _, course in by_course:
        repaired = course["state"].eq("repaired").cummax()
        ever = course["group"].eq("ever_repaired")
        assert course["misplaced"].eq(ever & ~repaired).all()
        assert course["session"].tolist() == list(range(1, len(course) + 1))
        assert course["state"].ne("intact").any()
