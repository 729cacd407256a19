"""Alliance aligned on onset, under every definition."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.figures.mean_courses import group_sizes
from rupture_outcome.figures.onset_courses import alt_text, onset_courses, onset_figure
from tests.unit.figures.figure_texts import NAMES, overlapping, texts

PRIMARY = {"definition": "psq_patient", "repair_rule": "psq_resolved"}
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


def test_means_fall_at_onset_under_the_rule_asked_for(sessions, episodes):
    means = onset_courses(sessions, episodes, "psq_resolved")
    assert set(means["definition"]) == set(NAMES)
    assert set(means["repair"]) == set(FATES)
    mean = means.query("definition == 'drop_sd' and repair == 'repaired'")
    mean = mean.set_index("since_onset")["mean"]
    assert mean[-1] - mean[0] == pytest.approx(10, abs=1)


def test_one_large_panel_and_ten_small_ones(sessions, episodes):
    means = onset_courses(sessions, episodes, "psq_resolved")
    figure = onset_figure(means, PRIMARY, simulated=True)
    assert len(figure.axes) == len(NAMES)
    assert overlapping(figure) == []
    assert "Rupture reported by patient (main definition)" in texts(figure)
    assert texts(figure).count("n = 30, 30, 30") == len(NAMES) - 1
    limits = {ax.get_ylim() for ax in figure.axes}
    assert len(limits) == 1


def test_one_definition_only(sessions, episodes):
    one = episodes[episodes["definition"].eq("psq_patient")]
    figure = onset_figure(onset_courses(sessions, one, "psq_resolved"), PRIMARY)
    assert len(figure.axes) == 1


def test_a_small_group_cannot_be_derived_from_the_total():
    first = pd.DataFrame({"repair": ["repaired"] * 80 + ["not_repaired"] * 5 + ["censored"] * 20})
    sizes = group_sizes(first, 10)
    assert sizes["patients"].dropna().to_dict() == {"repaired": 80}
    assert sizes["withheld"].to_dict() == {
        "censored": "patients –",
        "not_repaired": "patients ≤10",
        "repaired": "",
    }


def test_nothing_of_few_patients_is_shown(sessions, episodes):
    few = episodes[episodes["patient_id"] < "P020"]
    means = onset_courses(sessions, few, "psq_resolved")
    assert means.empty
    figure = onset_figure(means, PRIMARY)
    assert alt_text(means, PRIMARY) in texts(figure)


def test_alt_text_gives_the_main_definition_and_the_range_of_the_others(sessions, episodes):
    alt = alt_text(onset_courses(sessions, episodes, "psq_resolved"), PRIMARY)
    assert "Rupture reported by patient: treatment or ratings ended first" in alt
    assert "10 other definitions" in alt
