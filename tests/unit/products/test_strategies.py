"""Marker, strategy, resolution."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.products.strategies import NOTHING, alt_text, draw_strategies, placed
from tests.unit.figure_texts import overlapping, texts
from tests.unit.products.looks import REAL, SIMULATED

USED = ["clarify", "change_task_or_goal", "link_to_other_relationships", "validate", "none"]


@pytest.fixture
def strategies(publish) -> pd.DataFrame:
    rows = [
        (kind, strategy, n, n, 1.5 + 0.3 * i, n, n // 2, total, n / total)
        for kind, total, counts in (
            ("withdrawal", 400, (40, 30, 90, 3, 250)),
            ("confrontation", 200, (4, 24, 5, 30, 140)),
        )
        for i, (strategy, n) in enumerate(zip(USED, counts, strict=True))
    ]
    columns = ["marker_kind", "strategy", "sessions", "patients", "resolution_mean"]
    columns += ["resolution_n", "resolved", "n", "share"]
    return publish("strategy_resolution", REAL, strategies=pd.DataFrame(rows, columns=columns))


def figure_of(strategies, look=REAL):
    return draw_strategies({"strategy_resolution": strategies}, look).figure


def test_no_text_overlaps_and_few_sessions_are_not_shown(strategies):
    figure = figure_of(strategies, SIMULATED)
    assert overlapping(figure) == []
    shown = texts(figure)
    assert shown.count("≤10") == 2
    assert "Clarify a misunderstanding" in shown
    assert shown.count("Other") == 2
    assert {"250", "90", "Withdrawal", "400 sessions", "Simulated data"} <= set(shown)


def test_strategies_of_few_stand_together_before_no_strategy(strategies):
    rows, _ = placed(strategies)
    own = rows[rows["marker_kind"].eq("confrontation")].sort_values("y")["strategy"].tolist()
    assert own == [
        *("validate", "change_task_or_goal", "other", "none"),
    ]


def test_no_resolution_is_drawn_of_few_sessions(strategies):
    dots = figure_of(strategies).axes[1]
    drawn = [line for line in dots.lines if line.get_marker() == "o"]
    assert len(drawn) == strategies["resolution_mean"].notna().sum() == 7


def test_bars_are_the_shares(strategies):
    widths = {round(bar.get_width(), 4) for bar in figure_of(strategies).axes[0].patches}
    assert np.isclose(max(widths), 0.7)
    assert 0.225 in widths


def test_alt_text_leads_with_the_frequent_strategies(strategies):
    assert "After withdrawal:" in alt_text(strategies)
    assert "no strategy in 250 sessions (mean resolution 2.7)" in alt_text(strategies)


def test_a_study_without_observers_is_said_to_have_none(strategies):
    assert NOTHING in texts(figure_of(strategies.iloc[:0]))
    assert alt_text(strategies.iloc[:0]) == NOTHING
