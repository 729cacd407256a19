"""A world whose truth is known: what is drawn, laid out and said of it."""

import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from rupture_outcome.look.look import Look
from rupture_outcome.look.style import save_figure
from rupture_outcome.pages.captions import caption
from rupture_outcome.products.immortal_time import (
    PRODUCT,
    alt_text,
    immortal_time_figure,
    ratios_table,
)
from rupture_outcome.products.immortal_time_sessions import person_time_table
from rupture_outcome.products.registry import products
from rupture_outcome.products.tables import published
from tests.unit.figure_texts import overlapping
from tests.unit.toy_worlds import COURSES, EFFECTS, SESSIONS


def test_every_session_is_drawn_and_every_estimate():
    left, right = immortal_time_figure(EFFECTS, COURSES).axes
    assert len([patch for patch in left.patches if isinstance(patch, Rectangle)]) == len(COURSES)
    naive = [line for line in right.lines if line.get_marker() == "D"]
    assert list(naive[0].get_ydata()) == [0.11, 0.18, 0.32]
    assert right.get_xscale() == right.get_yscale() == "log"


def test_no_words_lie_on_each_other():
    assert overlapping(immortal_time_figure(EFFECTS, COURSES)) == []


def test_sessions_counted_too_soon_are_marked():
    left, _ = immortal_time_figure(EFFECTS, COURSES).axes
    thick = [line for line in left.lines if line.get_linewidth() > 2]
    assert [list(line.get_xdata()) for line in thick] == [[0.54, 2.46]]


def test_alt_text_says_what_is_found_in_every_world():
    text = alt_text(EFFECTS, COURSES)
    assert text.startswith("Simulated world.")
    assert "of 3 sessions of those whose rupture was ever repaired, 2 lie before" in text
    assert "true 1: naive 0.18, landmark 1.01, session by session 1.00" in text


def test_same_bytes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        fig = immortal_time_figure(EFFECTS, COURSES)
        save_figure(fig, tmp_path / name / "immortal_time", "t", alt_text(EFFECTS, COURSES))
    for end in ("svg", "png"):
        a, b = (tmp_path / name / f"immortal_time.{end}" for name in ("a", "b"))
        assert a.read_bytes() == b.read_bytes()


def test_the_caption_counts_no_patients_of_the_study():
    card = {"simulated": True, "patients": 580, "models": {"confidence": 0.95}}
    card["primary"] = {"definition": "drop_rci", "repair_rule": "half_recovery"}
    said = caption("immortal_time", card, lambda name: pd.DataFrame())
    assert said.startswith("Simulated world, not this study.")
    assert "580" not in said


@pytest.mark.parametrize("look", [Look(threshold=10), Look(simulated=True), Look()])
def test_a_simulated_world_is_the_same_in_every_study(look):
    raw = EFFECTS.reindex(columns=[column.name for column in PRODUCT.columns])
    shown = published(PRODUCT, {"frame": raw}, look)
    pd.testing.assert_frame_equal(shown, raw)
    html = ratios_table({"immortal_time": shown}, look)
    assert html == ratios_table({"immortal_time": EFFECTS}, Look())
    for text in ("Simulated world", "500 studies of 600 patients", "95.0% (1.0%)"):
        assert text in html
    assert html.count("True odds ratio") == 3
    assert "nan" not in html.replace("nance", "")
    courses = published(products()["immortal_time_courses"], {"frame": COURSES}, look)
    assert len(courses) == len(COURSES)


def test_without_worlds_there_is_an_empty_table():
    assert "Simulated world" in ratios_table({"immortal_time": EFFECTS.iloc[:0]}, Look())


def test_sessions_are_counted_in_two_ways():
    html = person_time_table({"immortal_time_sessions": SESSIONS}, Look())
    for text in ("Rupture ever repaired", "Last rupture repaired", "naive", "44%", "6.4"):
        assert text in html
