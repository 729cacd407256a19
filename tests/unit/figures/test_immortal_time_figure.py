from matplotlib.patches import Rectangle

from rupture_outcome.figures.immortal_time import alt_text, immortal_time_figure
from rupture_outcome.look.style import save_figure
from rupture_outcome.pages.captions import caption
from tests.unit.figures.figure_texts import overlapping
from tests.unit.toy_worlds import COURSES, EFFECTS


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
    assert caption("immortal_time", card).startswith("Simulated world, not this study.")
    assert "580" not in caption("immortal_time", card)
