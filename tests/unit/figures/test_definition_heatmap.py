"""The heat map shows every pair of definitions, and no more than is published."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.figures.definition_heatmap import NOTHING, alt_text, definitions_of, heatmap
from tests.unit.figures.figure_texts import NAMES, overlapping, texts


def agreement(names: list[str]) -> pd.DataFrame:
    pairs = pd.DataFrame(list(combinations(names, 2)), columns=["definition_a", "definition_b"])
    kappa = np.linspace(-0.1, 0.9, len(pairs))
    return pairs.assign(n=3000, kappa=kappa, ci_low=kappa - 0.05, ci_high=kappa + 0.05, withheld="")


@pytest.mark.parametrize("names", [NAMES, NAMES[:2]])
def test_every_pair_has_a_cell_and_no_text_overlaps(names):
    table = agreement(names)
    figure = heatmap(table, simulated=True)
    assert overlapping(figure) == []
    assert texts(figure).count("3,000") == len(table)
    assert "Simulated data" in texts(figure)
    assert definitions_of(table) == names


def test_intervals_that_hold_zero_are_in_brackets():
    figure = heatmap(agreement(NAMES))
    assert "(0.03)" in texts(figure)
    assert "0.90" in texts(figure)


def test_withheld_pairs_are_marked_and_rounded_ones_keep_their_decimals():
    table = agreement(NAMES[:3]).astype({"n": "Int64"})
    table.loc[0, ["n", "kappa", "ci_low", "ci_high"]] = pd.NA
    table["withheld"] = ["n ≤10; kappa –; ci_low –; ci_high –", "both –; kappa ≈", ""]
    table.loc[1, ["kappa", "ci_low", "ci_high"]] = [0.4, 0.3, 0.5]
    shown = texts(heatmap(table))
    assert {"–", "≤10", "≈0.4"} <= set(shown)


def test_alt_text_names_the_extremes():
    assert "Highest: Sudden loss in alliance and Downward" not in alt_text(agreement(NAMES[:2]))
    assert alt_text(agreement(NAMES)).endswith("beyond reliable change, −0.10.")


def test_nothing_to_show_is_said():
    empty = agreement([])
    assert NOTHING in texts(heatmap(empty))
    assert alt_text(empty) == NOTHING
