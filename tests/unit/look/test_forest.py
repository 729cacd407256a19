"""A forest row stays within the axis and says with arrows where it does not."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.disclosure import Column, protect
from rupture_outcome.look.forest import CHARACTER, draw_row, limits, ratio_axis, say
from rupture_outcome.look.formats import interval, number, p_value, ratio_interval, with_interval
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import WITHHELD, remark, why
from rupture_outcome.look.style import STATES, new_figure

MARK = STATES["repaired"]


@pytest.fixture
def ax():
    ax = new_figure(4, 1).add_axes((0, 0, 1, 1))
    ratio_axis(ax, 0.1, 10.0)
    ax.lines[0].remove()
    return ax


@pytest.mark.parametrize(
    ("value", "ends", "markers"),
    [
        (1.0, (0.5, 2.0), ["None", "s"]),
        (1.0, (0.01, 2.0), ["None", "<", "s"]),
        (1.0, (0.01, np.inf), ["None", "<", ">", "s"]),
        (40.0, (0.5, 90.0), ["None", ">"]),
        (1.0, (np.nan, np.nan), ["s"]),
        (np.nan, (0.5, 2.0), []),
    ],
)
def test_arrows_stand_where_the_line_leaves_the_axis(ax, value, ends, markers):
    draw_row(ax, 0.5, value, ends, MARK)
    assert [line.get_marker() for line in ax.lines] == markers
    for line in ax.lines:
        assert np.all((np.asarray(line.get_xdata()) >= 0.1) & (np.asarray(line.get_xdata()) <= 10))


def test_the_axis_holds_all_intervals_until_it_would_be_too_wide():
    assert limits([0.3, 4.0, np.nan, np.inf]) == pytest.approx((0.27, 4.4))
    assert limits([]) == pytest.approx((0.45, 2.2))
    assert limits([1e-9, 1e9], (0.06, 12.0)) == (0.06, 12.0)


def test_a_long_reason_is_shortened_to_its_room(ax):
    say(ax, 0.5, "not estimable: " + "many words " * 40, room=3.0)
    assert len(ax.texts[0].get_text()) <= 3.0 / CHARACTER
    assert ax.texts[0].get_text().endswith(" …")


def test_numbers_have_one_minus_and_zero_has_none():
    assert number(-1234.5, 1) == "−1,234.5"
    assert number(-0.001, 2) == "0.00"
    assert interval(-0.5, 0.25) == "−0.50 to 0.25"
    assert interval(2.0, np.inf) == "from 2.00"
    assert interval(np.nan, 1.0) == ""


def test_an_estimate_without_interval_has_no_brackets():
    assert with_interval(-0.012, np.nan, np.nan, 1, " points", 100) == "−1.2 points"
    assert with_interval(np.nan, 0.1, 0.2) == ""
    assert ratio_interval({"ratio": np.nan, "ci_low": np.nan, "ci_high": np.nan}) == ""


def test_p_values_below_a_thousandth_are_not_given():
    assert [p_value(p) for p in (0.00099, 0.001, np.nan)] == ["p < 0.001", "p = 0.001", ""]


def test_what_is_withheld_loses_its_note_and_says_so():
    frame = pd.DataFrame(
        {
            "estimate": [-0.5, np.nan, -0.7],
            "reason": ["caution", "no dropout in state repaired", "caution"],
            "converged": [True, False, True],
            "fewest": [30, 0, 4],
        }
    )
    cells = ["fewest"]
    columns = [
        Column("estimate", "estimate", of=cells),
        Column("reason", "text", of=cells),
        Column("converged", "flag", of=cells),
        Column("fewest", "basis"),
    ]
    look = Look(threshold=10)
    shown = protect(frame, columns, 10)
    assert [remark(row, look) for row in shown.to_dict("records")] == [
        "caution",
        "not estimable: no dropout in state repaired",
        WITHHELD,
    ]
    assert shown["converged"].tolist() == [True, False, False]
    exact = protect(frame, columns, 0)
    assert exact["reason"].tolist() == frame["reason"].tolist()


def test_reasons_are_not_said_twice():
    missing = {"estimate": np.nan}
    told = "biased by immortal time; not estimable: a cell is empty"
    assert remark({**missing, "reason": told}, Look()) == told
    assert why({**missing, "reason": told}, Look()) == "not estimable: a cell is empty"
    assert remark({**missing, "reason": np.nan}, Look()) == "not estimable"
    assert remark({**missing, "reason": "left out of the model: x"}, Look()) == (
        "left out of the model: x"
    )
