"""Figures say what they show, mark simulated data, and are the same bytes on every run."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from rupture_outcome.engine.cumulative_incidence import cumulative_incidence as aalen_johansen
from rupture_outcome.figures import cumulative_incidence, dropout_effects
from rupture_outcome.look.style import save_figure
from rupture_outcome.publishable.curves import publishable_incidence
from rupture_outcome.publishable.suppress import publishable_effects

T = 10
PRIMARY = {"definition": "drop_rci", "repair_rule": "return_to_baseline"}


@pytest.fixture(scope="module")
def effects() -> pd.DataFrame:
    rows = [
        ("hazard", "state", "repaired vs unrepaired", -0.5, 0.2, 600, 120, ""),
        ("hazard", "state", "unrepaired vs intact", 0.6, 0.2, 600, 120, ""),
        ("landmark", "at session 4", "repaired vs unrepaired", np.nan, np.nan, 200, 30, "flat"),
        ("naive", "ever repaired", "ever repaired vs never repaired", -1.6, 0.3, 300, 80, "biased"),
    ]  # fmt: skip
    names = ["analysis", "term", "contrast", "estimate", "se", "patients", "events", "note"]
    frame = pd.DataFrame(rows, columns=names).assign(**PRIMARY, link="logit", sessions=6000)
    frame = frame.assign(
        dropout_definition="recorded_ending",
        ratio=np.exp(frame["estimate"]),
        ci_low=frame["estimate"] - 2 * frame["se"],
        ci_high=frame["estimate"] + 2 * frame["se"],
        converged=frame["estimate"].notna(),
    )
    return publishable_effects(frame, T, few_by_state=set())


@pytest.fixture(scope="module")
def incidence() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    state = pd.Series(rng.choice(["unrepaired", "repaired"], 600))
    time = pd.Series(rng.integers(5, 21, 600))
    event = pd.Series(rng.choice(["dropout", "agreed_ending", "none"], 600, p=[0.3, 0.5, 0.2]))
    curves = aalen_johansen(time, event, state, causes=["dropout", "agreed_ending"], start=4)
    curves = curves.rename(columns={"group": "state"}).drop(columns="variance")
    return publishable_incidence(curves.assign(landmark=4, **PRIMARY), T)


@pytest.fixture(scope="module")
def figures(effects, incidence) -> dict[str, tuple[Figure, str]]:
    mark = {"simulated": True}
    return {
        "dropout_effects": (
            dropout_effects.forest(effects, **mark),
            dropout_effects.alt_text(effects),
        ),
        "cumulative_incidence": (
            cumulative_incidence.incidence_curves(incidence, PRIMARY, **mark),
            cumulative_incidence.alt_text(incidence, PRIMARY),
        ),
    }


NAMES = ["dropout_effects", "cumulative_incidence"]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


@pytest.mark.parametrize("name", NAMES)
def test_figure_is_marked_titled_and_described(figures, name, tmp_path):
    figure, alt = figures[name]
    assert "Simulated data" in texts(figure)
    save_figure(figure, tmp_path / name, "A title <of> it", alt)
    svg = (tmp_path / f"{name}.svg").read_text("utf-8")
    assert f'<svg role="img" aria-labelledby="{name}-title {name}-desc"' in svg
    assert f'<title id="{name}-title">A title &lt;of&gt; it</title>' in svg
    assert (tmp_path / f"{name}.alt.txt").read_text("utf-8") == f"{alt}\n"
    assert not re.search(r"P\d{3}", svg + alt)


@pytest.mark.parametrize("name", ["cumulative_incidence"])
def test_same_bytes_on_every_run(figures, name, tmp_path):
    figure, alt = figures[name]
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        save_figure(figure, tmp_path / folder / name, name, alt)
    for end in ("svg", "png", "alt.txt"):
        one, two = (tmp_path / folder / f"{name}.{end}" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("name", ["dropout_effects"])
def test_texts_do_not_overlap(figures, name):
    figure, _ = figures[name]
    figure.draw_without_rendering()
    boxes = [
        t.get_window_extent() for t in figure.findobj(Text) if t.get_text() and t.get_visible()
    ]
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            over_x = min(one.x1, other.x1) - max(one.x0, other.x0)
            over_y = min(one.y1, other.y1) - max(one.y0, other.y0)
            assert over_x <= 1 or over_y <= 2


def test_nothing_to_draw_is_said_in_words(incidence):
    nobody = incidence.iloc[:0]
    alt = cumulative_incidence.alt_text(nobody)
    assert alt.startswith("No ")
    assert alt in texts(cumulative_incidence.incidence_curves(nobody))


def test_landmarks_are_named_in_the_unit_of_the_clock(effects, incidence):
    figure = cumulative_incidence.incidence_curves(incidence, PRIMARY, clock="weeks")
    assert any(text.startswith("In treatment at week") for text in texts(figure))
    assert "from week" in cumulative_incidence.alt_text(incidence, PRIMARY, "weeks")
    weeks = effects.assign(term=effects["term"].str.replace("session", "week"))
    assert any(re.match(r"From week \d+ on", text) for text in texts(dropout_effects.forest(weeks)))


def test_naive_is_called_biased_and_failure_is_explained(figures):
    figure, alt = figures["dropout_effects"]
    assert "Naive (biased)" in texts(figure)
    assert "not estimable: flat" in texts(figure)
    assert "immortal time" in alt


def test_naive_marker_is_hollow_and_the_main_one_is_not(figures):
    figure, _ = figures["dropout_effects"]
    lines = {line.get_marker(): line for ax in figure.axes for line in ax.lines}
    assert lines["D"].get_markerfacecolor() == "white"
    assert lines["o"].get_markerfacecolor() != "white"


def test_the_forest_shows_the_main_analysis_first_and_what_differs_in_one_choice():
    pairs = [(d, r) for d in ("drop_sd", "psq_patient") for r in ("psq_resolved", "half_recovery")]
    effects = pd.DataFrame(pairs, columns=["definition", "repair_rule"])
    primary = {"definition": "psq_patient", "repair_rule": "psq_resolved"}
    shown, left_out = dropout_effects.around(effects, primary)
    assert list(shown.itertuples(index=False, name=None)) == [
        ("psq_patient", "psq_resolved"),
        ("drop_sd", "psq_resolved"),
        ("psq_patient", "half_recovery"),
    ]
    assert left_out
    assert dropout_effects.around(effects, None)[0] is effects
