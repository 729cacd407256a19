"""Tables stand alone, say what was withheld, and describe the sample without giving anyone away."""

import html

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.look.layout import html_table
from rupture_outcome.publishable.suppress import (
    publishable_effects,
    publishable_flow,
    publishable_prevalence,
)
from rupture_outcome.tables.cumulative_incidence import incidence_table, shown_sessions
from rupture_outcome.tables.dropout_effects import effects_table
from rupture_outcome.tables.flow import flow_table
from rupture_outcome.tables.rupture_prevalence import prevalence_table
from rupture_outcome.tables.sample_description import sample_description, sample_table

T = 10


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    n = 100
    patients = pd.DataFrame(
        {
            "patient_id": [f"P{i}" for i in range(n)],
            "therapist_id": [f"T{i % 20}" for i in range(n)],
            "gender": ["female"] * 60 + ["male"] * 33 + ["diverse"] * 7,
            "format": ["individual"] * 85 + ["couple"] * 15,
            "severity": [*np.linspace(5, 25, 80), *[np.nan] * 20],
        }
    )
    sessions = pd.DataFrame(
        {"patient_id": patients["patient_id"].repeat(4), "attended": [1, 1, 0, 1] * n}
    )
    endings = pd.DataFrame({"patient_id": patients["patient_id"], "ending": "completed"})
    return {"patients": patients, "sessions": sessions, "endings": endings}


def test_small_categories_and_their_complement_are_withheld(tables):
    frame = sample_description(**tables, threshold=T).set_index(["variable", "category"])
    assert frame.loc[("patients", ""), "n"] == 100
    gender = frame.loc["gender"]
    assert gender["n"].isna().to_dict() == {"diverse": True, "female": False, "male": True}
    assert gender["percent"].isna().to_dict() == {"diverse": True, "female": False, "male": True}
    assert frame.loc[("format", "couple"), "n"] == 15
    assert frame.loc[("severity", ""), ["n", "mean"]].tolist() == [80, pytest.approx(15)]
    assert frame.loc[("sessions_attended", ""), "mean"] == 3
    assert frame.loc[("patients_per_therapist", ""), ["n", "mean"]].tolist() == [20, 5]


def test_counts_near_a_published_one_become_shares(tables):
    frame = sample_description(**tables, threshold=T, published=[104])
    assert frame["n"].isna().all()
    assert (frame["percent"].dropna() % 1 == 0).all()
    assert "n = ≈104" in unescaped(sample_table(frame))


def unescaped(text: str) -> str:
    return html.unescape(text)


def effects() -> pd.DataFrame:
    rows = [
        ("naive", "ever repaired", "ever repaired vs never repaired", -1.6, 80, "biased"),
        ("hazard", "state", "repaired vs unrepaired", -0.5, 120, ""),
        ("landmark", "state at session 4", "repaired vs unrepaired", -0.2, 6, ""),
    ]
    frame = pd.DataFrame(
        rows, columns=["analysis", "term", "contrast", "estimate", "events", "note"]
    )
    return frame.assign(
        definition="drop_rci", repair_rule="return_to_baseline", link="logit", se=0.2,
        dropout_definition="recorded_ending", ratio=np.exp(frame["estimate"]), ci_low=-1.0,
        ci_high=0.1, patients=[300, 600, 200], sessions=6000, converged=True,
    )  # fmt: skip


def test_effects_table_withholds_and_warns():
    frame = publishable_effects(effects(), T, few_by_state=set())
    text = unescaped(effects_table(frame, simulated=True))
    assert "Simulated data" in text
    assert "immortal time" in text
    assert "withheld: too few patients or events" in text
    assert "0.61" in text
    assert "0.82" not in text
    assert text.index("Session by session") < text.index("From session 4 on")
    assert text.index("From session 4 on") < text.index("ever repaired against never repaired")


def test_prevalence_table_says_recalled():
    raw = pd.DataFrame(
        {
            "definition": ["psq_patient"], "class": "prospective", "provenance": "recalled",
            "sessions_testable": 5000, "sessions_detected": 1500, "patients_testable": 500,
            "patients_detected": 5, "rate": 0.3, "expected_by_chance": [np.nan],
        }
    )  # fmt: skip
    text = unescaped(prevalence_table(publishable_prevalence(raw, T)))
    assert "recalled, not read in a source" in text
    assert "≤10" in text
    assert "30.0%" in text
    assert "Simulated" not in text


def test_flow_table_joins_and_says_so():
    names = ["step", "reason", "patients", "sessions", "removed_patients", "removed_sessions"]
    rows = [
        ("received", None, 600, 7000, 0, 0),
        ("a", "too young", 596, 6900, 4, 100),
        ("b", "never rated", 560, 6500, 36, 400),
    ]
    text = unescaped(flow_table(publishable_flow(pd.DataFrame(rows, columns=names), T)))
    assert "too young; also: never rated" in text
    assert "are joined with the next step" in text


def test_incidence_table_shows_published_points_only():
    frame = pd.DataFrame(
        {
            "landmark": 4, "state": "repaired", "cause": "dropout", "session": [4, 5, 6],
            "estimate": [0.0, np.nan, 0.25], "ci_low": [np.nan, np.nan, 0.2],
            "ci_high": [np.nan, np.nan, 0.3], "withheld": ["", "estimate –; at_risk –", ""],
            "at_risk": pd.array([100, None, 80], dtype="Int64"),
        }
    )  # fmt: skip
    text = unescaped(incidence_table(frame))
    assert "25.0 [20.0, 30.0]" in text
    assert "–" in text
    assert shown_sessions(frame) == [5, 6]


def test_table_is_the_same_on_every_run_and_plain_ascii():
    cells = pd.DataFrame({"a": ["≤10"], "b": ["one & two <three>"]})
    one, two = (
        html_table(cells, "some_name", "Title", labels={"a": "n", "b": "Text"}) for _ in range(2)
    )
    assert one == two
    assert one.isascii()
    assert 'id="table-some-name"' in one
    assert "one &amp; two &lt;three&gt;" in one
