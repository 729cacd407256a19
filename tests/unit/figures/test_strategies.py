"""Marker, strategy, resolution."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.figures.strategies import NOTHING, alt_text, placed, strategy_figure
from rupture_outcome.publishable.raters import publishable_strategies
from tests.unit.figures.figure_texts import overlapping, texts

USED = ["clarify", "change_task_or_goal", "link_to_other_relationships", "validate", "none"]


@pytest.fixture
def strategies() -> pd.DataFrame:
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
    return publishable_strategies(pd.DataFrame(rows, columns=columns), 10)


def test_no_text_overlaps_and_few_sessions_are_not_shown(strategies):
    figure = strategy_figure(strategies, simulated=True)
    assert overlapping(figure) == []
    shown = texts(figure)
    assert shown.count("≤10") == 3
    assert {"250", "90", "Withdrawal", "400 sessions", "Simulated data"} <= set(shown)


def test_strategies_whose_number_is_withheld_stand_by_name(strategies):
    rows, _ = placed(strategies)
    own = rows[rows["marker_kind"].eq("confrontation")].sort_values("y")["strategy"].tolist()
    assert own == [
        *("validate", "change_task_or_goal"),
        *("clarify", "link_to_other_relationships", "none"),
    ]


def test_no_resolution_is_drawn_of_few_sessions(strategies):
    dots = strategy_figure(strategies).axes[1]
    drawn = [line for line in dots.lines if line.get_marker() == "o"]
    assert len(drawn) == strategies["resolution_mean"].notna().sum() == 7


def test_bars_are_the_shares(strategies):
    widths = {round(bar.get_width(), 4) for bar in strategy_figure(strategies).axes[0].patches}
    assert np.isclose(max(widths), 0.7)
    assert 0.225 in widths


def test_alt_text_leads_with_the_frequent_strategies(strategies):
    assert "After withdrawal:" in alt_text(strategies)
    assert "no strategy in 250 sessions (mean resolution 2.7)" in alt_text(strategies)


def test_a_study_without_observers_is_said_to_have_none(strategies):
    assert NOTHING in texts(strategy_figure(strategies.iloc[:0], simulated=True))
    assert alt_text(strategies.iloc[:0]) == NOTHING
