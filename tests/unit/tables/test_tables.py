"""Tables stand alone, say what was withheld, and describe the sample without giving anyone away."""

import html

import numpy as np
import pandas as pd

from rupture_outcome.look.layout import html_table
from rupture_outcome.publishable.suppress import (
    publishable_effects,
)
from rupture_outcome.tables.cumulative_incidence import incidence_table, shown_sessions
from rupture_outcome.tables.dropout_effects import effects_table

T = 10


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
