"""Figures say what they show, mark simulated data, and are the same bytes on every run."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from rupture_outcome.engine.cumulative_incidence import cumulative_incidence as aalen_johansen
from rupture_outcome.figures import (
    alliance_courses,
    cumulative_incidence,
    dropout_effects,
    endings,
    flow,
    ratings,
)
from rupture_outcome.look.curves import at_risk_texts
from rupture_outcome.look.style import save_figure
from rupture_outcome.publishable.curves import publishable_incidence
from rupture_outcome.publishable.suppress import publishable_effects, publishable_flow

T = 10
PRIMARY = {"definition": "drop_rci", "repair_rule": "return_to_baseline"}


@pytest.fixture(scope="module")
def study() -> dict[str, pd.DataFrame]:
    """Six kinds of patients, twenty of each, with a rupture at session 3 in three kinds."""
    rng = np.random.default_rng(1)
    kinds = ["repaired", "not_repaired", "censored", "none", "none", "several"]
    endings_of = ["completed", "agreed", "dropout", "completed", "dropout", "completed"]
    sessions, episodes, ruptures, states, ended = [], [], [], [], []
    for p in range(120):
        kind, name = kinds[p % 6], f"P{p:03d}"
        last = 6 if endings_of[p % 6] == "dropout" else 9
        onsets = {"none": [], "several": [3, 7]}.get(kind, [3])
        for s in range(1, last + 1):
            score = 50 - 15 * (s in onsets) + rng.integers(-2, 3)
            sessions.append((name, s, int(s != 2), float(score) if s != 2 else np.nan, 10.0))
            verdict = "detected" if s in onsets else "not_detected"
            ruptures.append((name, s, *PRIMARY.values(), verdict))
            mended = s >= 5 and kind in ("repaired", "several") and s != 7
            state = "intact" if not onsets or s < 3 else "repaired" if mended else "unrepaired"
            states.append((name, s, *PRIMARY.values(), state))
        fate = "repaired" if kind == "several" else kind
        episodes += [(name, *PRIMARY.values(), onset, fate) for onset in onsets]
        ended.append((name, endings_of[p % 6]))
    keys = ["definition", "repair_rule"]
    score_columns = ["patient_id", "session", "attended", "alliance_patient", "symptom"]
    return {
        "sessions": pd.DataFrame(sessions, columns=score_columns),
        "episodes": pd.DataFrame(episodes, columns=["patient_id", *keys, "onset", "repair"]),
        "ruptures": pd.DataFrame(ruptures, columns=["patient_id", "session", *keys, "verdict"]),
        "states": pd.DataFrame(states, columns=["patient_id", "session", *keys, "state"]),
        "endings": pd.DataFrame(ended, columns=["patient_id", "ending"]),
    }


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
def published_flow() -> pd.DataFrame:
    names = ["step", "reason", "patients", "sessions", "removed_patients", "removed_sessions"]
    rows = [("received", None, 600, 7000, 0, 0), ("unrated", "never rated", 570, 6500, 30, 500)]
    return publishable_flow(pd.DataFrame(rows, columns=names), T)


@pytest.fixture(scope="module")
def figures(study, effects, incidence, published_flow) -> dict[str, tuple[Figure, str]]:
    curves = endings.ending_curves(study["sessions"], study["endings"], T)
    complete = ratings.completeness(study["sessions"], T)
    best = ratings.at_best(study["sessions"], {"alliance_patient": 52.0, "symptom": 0.0}, T)
    mark = {"simulated": True}
    return {
        "flow": (flow.flow_diagram(published_flow, **mark), flow.alt_text(published_flow)),
        "dropout_effects": (
            dropout_effects.forest(effects, **mark),
            dropout_effects.alt_text(effects),
        ),
        "cumulative_incidence": (
            cumulative_incidence.incidence_curves(incidence, PRIMARY, **mark),
            cumulative_incidence.alt_text(incidence, PRIMARY),
        ),
        "alliance_courses": alliance_courses.alliance_courses(study, PRIMARY, **mark),
        "endings": (endings.ending_figure(curves, **mark), endings.alt_text(curves)),
        "ratings": (
            ratings.rating_figure(complete, best, **mark),
            ratings.alt_text(complete, best),
        ),
    }


NAMES = [
    "flow",
    "dropout_effects",
    "cumulative_incidence",
    "alliance_courses",
    "endings",
    "ratings",
]


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


@pytest.mark.parametrize("name", ["flow", "alliance_courses", "cumulative_incidence"])
def test_same_bytes_on_every_run(figures, name, tmp_path):
    figure, alt = figures[name]
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        save_figure(figure, tmp_path / folder / name, name, alt)
    for end in ("svg", "png", "alt.txt"):
        one, two = (tmp_path / folder / f"{name}.{end}" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("name", ["flow", "dropout_effects"])
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


def test_nothing_to_draw_is_said_in_words(study, incidence):
    unrated = study["sessions"].assign(alliance_patient=np.nan)
    ongoing = study["endings"].assign(ending="ongoing")
    curves = endings.ending_curves(study["sessions"], ongoing, T)
    nobody = incidence.iloc[:0]
    for figure, alt in (
        alliance_courses.alliance_courses(study | {"sessions": unrated}, PRIMARY),
        (endings.ending_figure(curves), endings.alt_text(curves)),
        (cumulative_incidence.incidence_curves(nobody), cumulative_incidence.alt_text(nobody)),
    ):
        assert alt.startswith("No ")
        assert alt in texts(figure)


def test_courses_at_one_score_without_a_known_range_are_drawn(study):
    flat = study["sessions"].assign(alliance_patient=5.0)
    figure, _ = alliance_courses.alliance_courses(
        study | {"sessions": flat}, PRIMARY, scale=None, simulated=True
    )
    assert figure.axes[0].get_ylim()[0] < 5 < figure.axes[0].get_ylim()[1]


def test_landmarks_are_named_in_the_unit_of_the_clock(effects, incidence):
    figure = cumulative_incidence.incidence_curves(incidence, PRIMARY, clock="weeks")
    assert any(text.startswith("In treatment at week") for text in texts(figure))
    assert "from week" in cumulative_incidence.alt_text(incidence, PRIMARY, "weeks")
    weeks = effects.assign(term=effects["term"].str.replace("session", "week"))
    assert any(re.match(r"From week \d+ on", text) for text in texts(dropout_effects.forest(weeks)))


@pytest.mark.filterwarnings("error")
def test_panels_keep_their_size_without_missed_sessions(study):
    held = study["sessions"][study["sessions"]["attended"].eq(1)]
    tables = study | {"sessions": held}
    figure, _ = alliance_courses.alliance_courses(tables, PRIMARY, simulated=True)
    figure.draw_without_rendering()
    assert all(ax.get_position().width > 0.2 for ax in figure.axes if ax.get_visible())


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


def test_each_kind_of_course_is_shown_once(study):
    chosen = alliance_courses.choose_patients(
        study["sessions"], study["episodes"], study["endings"]
    )
    assert list(chosen) == list(alliance_courses.ROLES)
    assert len(set(chosen.values())) == len(chosen)
    ending = study["endings"].set_index("patient_id")["ending"]
    assert ending[chosen["left_in_rupture"]] == "dropout"
    shuffled = {k: v.sample(frac=1, random_state=3) for k, v in study.items()}
    assert chosen == alliance_courses.choose_patients(
        shuffled["sessions"], shuffled["episodes"].sort_values("onset"), shuffled["endings"]
    )


def test_real_patients_are_averaged_unless_allowed(study):
    figure, alt = alliance_courses.alliance_courses(study, PRIMARY, simulated=False)
    assert "Alliance around the first rupture" in texts(figure)
    assert "Simulated data" not in texts(figure)
    assert alt.startswith("Mean alliance")
    figure, _ = alliance_courses.alliance_courses(study, PRIMARY, individual=True)
    assert "A rupture that was repaired" in texts(figure)


def test_means_of_few_patients_are_left_out(study):
    few = study["episodes"].query("patient_id < 'P030'")
    means = alliance_courses.mean_courses(study["sessions"], few, T)
    assert means.empty


def test_mean_at_onset_is_the_mean(study):
    means = alliance_courses.mean_courses(study["sessions"], study["episodes"], T)
    first = study["episodes"].drop_duplicates("patient_id").query("repair == 'not_repaired'")
    scores = study["sessions"].query("session == 3").set_index("patient_id")["alliance_patient"]
    row = means.query("repair == 'not_repaired' and since_onset == 0").iloc[0]
    assert row["mean"] == pytest.approx(scores[first["patient_id"]].mean())
    assert row["patients"] == len(first)


def test_bands_pool_sessions_until_neither_part_is_small():
    rated = [1] * 30 + [1] * 25 + [np.nan] * 5 + [1] * 15 + [np.nan] * 9
    session = [1] * 30 + [2] * 30 + [3] * 24
    frame = pd.DataFrame({"session": session, "attended": 1, "symptom": rated})
    bands = ratings.completeness(frame, T)
    assert bands[["first", "last", "whole", "part"]].to_numpy().tolist() == [
        [1, 1, 30, 30],
        [2, 3, 54, 40],
    ]


def test_numbers_at_risk_keep_their_distance():
    curve = pd.DataFrame(
        {
            "session": [4, 5, 6, 9, 12, 14],
            "at_risk": pd.array([90, 88, None, 60, None, None], dtype="Int64"),
            "withheld": ["", "", "at_risk –", "", "at_risk ≤10", "at_risk ≤10"],
        }
    )
    assert at_risk_texts(curve, 2) == [(4, "90"), (9, "60"), (12, "≤10")]


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
