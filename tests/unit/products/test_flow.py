"""The flow says at each step how many are left and why some were removed."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.look.style import save_figure
from rupture_outcome.products.flow import alt_text, draw_flow, flow_table
from tests.unit.figure_texts import overlapping, texts
from tests.unit.products.looks import REAL, SIMULATED, words

NAMES = ["step", "reason", "patients", "sessions", "removed_patients", "removed_sessions"]


@pytest.fixture
def parts() -> dict[str, pd.DataFrame]:
    rows = {
        "read": [("read", np.nan, 604, 7003, 0, 0)],
        "clean": [
            ("entered_twice", "exact_copies", 604, 7003, 0, 0),
            ("began_treatment", "never_seen", 601, 6911, 3, 92),
        ],
        "at_risk": [("ending_classified", "not_classified_by:recorded_ending", 560, 6500, 41, 411)],
    }
    return {part: pd.DataFrame(rows[part], columns=NAMES) for part in rows}


def test_the_parts_stand_one_after_the_other_and_counts_are_rounded(publish, parts):
    flow = publish("flow", REAL, **parts)
    assert flow["step"].tolist()[0] == "read"
    assert flow["patients"].tolist() == [600, 600, 600, 560]
    assert flow["removed_patients"].tolist() == [0, 0, 0, 40]


def test_a_simulated_flow_is_exact(publish, parts):
    flow = publish("flow", SIMULATED, **parts)
    exact = pd.concat(parts.values(), ignore_index=True)
    pd.testing.assert_frame_equal(flow, exact, check_dtype=False)


def test_the_table_names_steps_and_explains_rounding(publish, parts):
    text = words(flow_table({"flow": publish("flow", REAL, **parts)}, REAL))
    assert "Began treatment" in text
    assert "Counts are rounded to the nearest 10" in text


def test_the_diagram_names_reasons_and_texts_do_not_overlap(publish, parts):
    flow = publish("flow", SIMULATED, **parts)
    figure = draw_flow({"flow": flow}, SIMULATED).figure
    assert overlapping(figure) == []
    shown = texts(figure)
    assert {
        "Simulated data",
        "Patients without an attended session",
        "560 patients, 6,500 sessions",
    } <= set(shown)
    assert any("Nothing was removed at: Each session once" in text for text in shown)


def test_alt_text_tells_the_steps(publish, parts):
    alt = alt_text(publish("flow", SIMULATED, **parts))
    assert "604 patients and 7,003 sessions at the start" in alt
    assert "3 patients and 92 sessions removed (patients without an attended session)" in alt
    assert alt.endswith("560 patients and 6,500 sessions remain.")


def test_what_is_not_removed_is_not_called_so(publish, parts):
    kept = [
        ("attended", "missed", 560, 6100, 0, 400),
        ("at_risk", "plan_delivered", 560, 6000, 0, 100),
    ]
    more = parts | {"at_risk": pd.concat([parts["at_risk"], pd.DataFrame(kept, columns=NAMES)])}
    shown = texts(draw_flow({"flow": publish("flow", SIMULATED, **more)}, SIMULATED).figure)
    assert "Kept as gaps: 400 sessions" in shown
    assert "No longer at risk: 100 sessions" in shown


def test_same_bytes_on_every_run(publish, parts, tmp_path):
    figure, title, alt = draw_flow({"flow": publish("flow", REAL, **parts)}, REAL)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        save_figure(figure, tmp_path / folder / "flow", f"{title} <of> it", alt)
    for end in ("svg", "png", "alt.txt"):
        one, two = (tmp_path / folder / f"flow.{end}" for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
    svg = (tmp_path / "one" / "flow.svg").read_text("utf-8")
    assert '<svg role="img" aria-labelledby="flow-title flow-desc"' in svg
    assert "&lt;of&gt; it</title>" in svg
