import pandas as pd

from rupture_outcome.estimates.effect_rows import EFFECT_COLUMNS
from rupture_outcome.estimates.hazard.dropout_effects import dropout_effects
from rupture_outcome.estimates.naive import naive_effects
from tests.unit.toy_sessions import toy_sessions


def test_analyses_of_a_specification_stay_together():
    rows = toy_sessions()
    first = naive_effects(rows, "recorded_ending", [], 0.95)[0]
    other = first.assign(definition="drop_sd")
    second = pd.concat([first, other]).assign(analysis="hazard")
    joined = dropout_effects(second, pd.concat([other, first]))
    assert list(joined.columns) == list(EFFECT_COLUMNS)
    assert joined["definition"].tolist() == ["drop_rci", "drop_rci", "drop_sd", "drop_sd"]
    assert joined["analysis"].tolist() == ["hazard", "naive", "hazard", "naive"]


def test_nothing_to_join_is_an_empty_table():
    empty = pd.DataFrame(columns=list(EFFECT_COLUMNS))
    assert list(dropout_effects(empty, empty).columns) == list(EFFECT_COLUMNS)
