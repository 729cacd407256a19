"""The heat map shows every pair of definitions, and no more than is published."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.products.definition_heatmap import (
    NOTHING,
    alt_text,
    definitions_of,
    draw_heatmap,
)
from tests.unit.figure_texts import NAMES, overlapping, texts
from tests.unit.products.looks import REAL, SIMULATED


def heatmap(agreement, look=REAL):
    return draw_heatmap({"definition_agreement": agreement}, look).figure


def agreement(names: list[str]) -> pd.DataFrame:
    pairs = pd.DataFrame(list(combinations(names, 2)), columns=["definition_a", "definition_b"])
    kappa = np.linspace(-0.1, 0.9, len(pairs))
    return pairs.assign(n=3000, kappa=kappa, ci_low=kappa - 0.05, ci_high=kappa + 0.05)


@pytest.mark.parametrize("names", [NAMES, NAMES[:2]])
def test_every_pair_has_a_cell_and_no_text_overlaps(names):
    table = agreement(names)
    figure = heatmap(table, SIMULATED)
    assert overlapping(figure) == []
    assert texts(figure).count("3,000") == len(table)
    assert "Simulated data" in texts(figure)
    assert definitions_of(table) == names


def test_intervals_that_hold_zero_are_in_brackets():
    figure = heatmap(agreement(NAMES))
    assert "(0.03)" in texts(figure)
    assert "0.90" in texts(figure)


def test_withheld_pairs_are_marked():
    table = agreement(NAMES[:3]).astype({"n": "Int64"})
    table.loc[0, "n"] = -10
    table.loc[0, ["kappa", "ci_low", "ci_high"]] = np.nan
    shown = texts(heatmap(table))
    assert {"–", "≤10"} <= set(shown)
    assert any("not defined there, or withheld" in text for text in shown)


def test_alt_text_names_the_extremes():
    assert "Highest: Sudden loss in alliance and Downward" not in alt_text(agreement(NAMES[:2]))
    assert alt_text(agreement(NAMES)).endswith("beyond reliable change, −0.10.")


def test_nothing_to_show_is_said():
    empty = agreement([])
    assert NOTHING in texts(heatmap(empty))
    assert alt_text(empty) == NOTHING
