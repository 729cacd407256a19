"""Alliance aligned on onset, under every definition."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.products.onset_courses import NOTHING, alt_text, draw_onsets
from tests.unit.figure_texts import NAMES, overlapping, texts
from tests.unit.products import looks

PRIMARY = {"definition": "psq_patient", "repair_rule": "psq_resolved"}
REAL = replace(looks.REAL, primary=PRIMARY)
SIMULATED = replace(looks.SIMULATED, primary=PRIMARY)
FATES = ["repaired", "not_repaired", "censored"]


@pytest.fixture(scope="module")
def sessions() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        [(f"P{p:03}", s, 1) for p in range(90) for s in range(1, 11)],
        columns=["patient_id", "session", "attended"],
    )
    fall = 10.0 * frame["session"].eq(5)
    return frame.assign(alliance_patient=50 - fall + rng.integers(-2, 3, len(frame)))


@pytest.fixture(scope="module")
def episodes() -> pd.DataFrame:
    rows = [
        (f"P{p:03}", definition, rule, 5, FATES[p % 3] if rule == "psq_resolved" else "repaired")
        for definition in NAMES
        for rule in ("psq_resolved", "half_recovery")
        for p in range(90)
    ]
    return pd.DataFrame(
        rows, columns=["patient_id", "definition", "repair_rule", "onset", "repair"]
    )


def onset_figure(means, look=REAL):
    return draw_onsets({"onset_courses": means}, look).figure


@pytest.fixture
def means(publish, sessions, episodes) -> pd.DataFrame:
    return publish("onset_courses", REAL, sessions=sessions, episodes=episodes)


def test_means_fall_at_onset_under_the_rule_asked_for(means):
    assert set(means["definition"]) == set(NAMES)
    assert set(means["repair"]) == set(FATES)
    mean = means.query("definition == 'drop_sd' and repair == 'repaired'")
    mean = mean.set_index("since_onset")["mean"]
    assert mean[-1] - mean[0] == pytest.approx(10, abs=1)


def test_the_mean_at_onset_is_the_mean(publish, sessions, episodes):
    means = publish("onset_courses", SIMULATED, sessions=sessions, episodes=episodes)
    row = means.query("definition == 'drop_sd' and repair == 'censored' and since_onset == 0")
    own = sessions[sessions["session"].eq(5)]["alliance_patient"].to_numpy()[2::3]
    assert row["mean"].item() == pytest.approx(own.mean())
    assert row[["n", "patients"]].to_numpy().tolist() == [[30, 30]]


def test_the_main_definition_alone_is_drawn_and_the_gap_is_said(means):
    figure = onset_figure(means, SIMULATED)
    assert len(figure.axes) == 1
    assert overlapping(figure) == []
    shown = " ".join(texts(figure)).replace("\n", " ")
    assert "Repaired (n = 30)" in shown
    assert "repaired and not repaired differ by" in shown
    own = means[means["definition"].eq("psq_patient") & means["since_onset"].ge(0)]
    mean = own.pivot_table("mean", "since_onset", "repair")
    most = (mean["repaired"] - mean["not_repaired"]).abs().max()
    assert f"differ by {most:.1f} points at most" in shown


def test_nothing_of_few_patients_is_shown(publish, sessions, episodes):
    few = episodes[episodes["patient_id"] < "P020"]
    means = publish("onset_courses", REAL, sessions=sessions, episodes=few)
    assert means["mean"].isna().all()
    assert means["patients"].eq(-10).all()
    assert NOTHING in texts(onset_figure(means))


def test_alt_text_gives_the_main_definition_and_the_range_of_the_others(means):
    alt = alt_text(means, PRIMARY)
    assert "Rupture reported by patient: treatment or ratings ended first" in alt
    assert "10 other definitions" in alt
