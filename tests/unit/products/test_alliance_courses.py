"""Courses of single patients where they may be shown, averages where not."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.cases.course_choice import choose_patients
from rupture_outcome.look.style import save_figure
from rupture_outcome.products.alliance_courses import NOTHING, ROLES, draw_courses
from tests.unit.figure_texts import texts
from tests.unit.products import looks
from tests.unit.products.treatments import study

SETTINGS = {"disclosure": {"individual_courses": False}, "instruments": {}}
REAL = replace(looks.REAL, settings=SETTINGS)
SIMULATED = replace(looks.SIMULATED, settings=SETTINGS)
ALLOWED = replace(REAL, settings=SETTINGS | {"disclosure": {"individual_courses": True}})


@pytest.fixture(scope="module")
def tables():
    return study()


@pytest.fixture
def draw(publish):
    def drawing(tables, look):
        onsets = {key: tables[key] for key in ("sessions", "episodes")}
        means = publish("onset_courses", look, **onsets)
        shown = {
            "onset_courses": means,
            "alliance_courses": publish("alliance_courses", look, **tables, onset_courses=means),
        }
        return draw_courses(shown, look)

    return drawing


def test_each_kind_of_course_is_chosen_once(tables):
    chosen = choose_patients(tables["sessions"], tables["episodes"], tables["endings"])
    assert list(chosen) == list(ROLES)
    assert len(set(chosen.values())) == len(chosen)
    ending = tables["endings"].set_index("patient_id")["ending"]
    assert ending[chosen["left_in_rupture"]] == "dropout"
    shuffled = {k: v.sample(frac=1, random_state=3) for k, v in tables.items()}
    assert chosen == choose_patients(
        shuffled["sessions"], shuffled["episodes"].sort_values("onset"), shuffled["endings"]
    )


def test_ruptures_that_are_seen_and_repaired_later_come_first():
    """Two patients with one repaired rupture: at once without a fall, and later after one."""
    sessions = pd.DataFrame(
        {"patient_id": ["a"] * 8 + ["b"] * 8, "attended": 1, "alliance_patient": [50.0, 40.0] * 8}
    )
    episodes = pd.DataFrame({"patient_id": ["a", "b"], "repair": "repaired"})
    endings = pd.DataFrame({"patient_id": ["a", "b"], "ending": "completed"})
    known = episodes.assign(depth=[0.0, 12.0], sessions_to_repair=[0, 2])
    assert choose_patients(sessions, episodes, endings)["repaired"] == "a"
    assert choose_patients(sessions, known, endings)["repaired"] == "b"


def test_no_patient_is_named(publish, draw, tables, tmp_path):
    courses = publish("alliance_courses", SIMULATED, **tables)
    figure, _, alt = draw(tables, SIMULATED)
    save_figure(figure, tmp_path / "courses", "Courses", alt)
    svg = (tmp_path / "courses.svg").read_text("utf-8")
    assert set(courses["role"]) == set(ROLES)
    assert not re.search(r"P\d{3}", courses.to_csv() + svg + alt)
    assert "Simulated data" in texts(figure)


def test_same_bytes_on_every_run(draw, tables, tmp_path):
    figure, title, alt = draw(tables, SIMULATED)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        save_figure(figure, tmp_path / folder / "courses", title, alt)
    for end in ("svg", "png"):
        one, two = (tmp_path / folder / f"courses.{end}" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_real_patients_are_averaged_unless_allowed(publish, draw, tables):
    assert publish("alliance_courses", REAL, **tables).empty
    figure, _, alt = draw(tables, REAL)
    assert "Alliance around the first rupture" in texts(figure)
    assert "Simulated data" not in texts(figure)
    assert alt.startswith("Mean alliance")
    assert "A rupture that was repaired" in texts(draw(tables, ALLOWED).figure)


def test_nothing_to_draw_is_said_in_words(draw, tables):
    unrated = tables | {"sessions": tables["sessions"].assign(alliance_patient=np.nan)}
    for look in (SIMULATED, REAL):
        figure, _, alt = draw(unrated, look)
        assert alt.startswith("No ")
        assert alt in texts(figure)
    assert draw(unrated, SIMULATED).alt == NOTHING


def test_courses_at_one_score_without_a_known_range_are_drawn(draw, tables):
    flat = tables | {"sessions": tables["sessions"].assign(alliance_patient=5.0)}
    low, high = draw(flat, SIMULATED).figure.axes[0].get_ylim()
    assert low < 5 < high


@pytest.mark.filterwarnings("error")
def test_panels_keep_their_size_without_missed_sessions(draw, tables):
    held = tables["sessions"][tables["sessions"]["attended"].eq(1)]
    figure = draw(tables | {"sessions": held}, SIMULATED).figure
    figure.draw_without_rendering()
    assert all(ax.get_position().width > 0.2 for ax in figure.axes if ax.get_visible())
