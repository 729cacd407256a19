"""Subgroups: figure and table."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.figures.moderator_effects import NOTHING, alt_text, placed, subgroup_forest
from rupture_outcome.publishable.moderators import publishable_moderators
from rupture_outcome.tables.moderator_effects import moderators_table
from tests.unit.figures.figure_texts import overlapping, texts
from tests.unit.publishable.test_publishable_moderators import LEVELS, frame

FEW = "fewer than ten dropouts in a state compared"


@pytest.fixture(scope="module")
def effects() -> pd.DataFrame:
    raw = pd.concat([frame(), frame(LEVELS, "age_band").query("moderator != 'all'")])
    raw = raw.reset_index(drop=True)
    raw["note"] = np.where(raw["events_first"].lt(10), FEW, "")
    marked = frame({"all": next(iter(LEVELS.values()))}, "kind").query("moderator == 'kind'")
    marked = marked.assign(
        note="kind of rupture known in no session after one", converged=False, joint_p=np.nan
    )
    marked[["estimate", "se", "ci_low", "ci_high", "ratio"]] = np.nan
    return publishable_moderators(pd.concat([raw, marked], ignore_index=True), 10)


def test_no_text_overlaps(effects):
    figure = subgroup_forest(effects, simulated=True)
    assert overlapping(figure) == []
    shown = set(texts(figure))
    assert {"Simulated data", "Population", "Depression †", "≤10", "Odds ratio [95%]"} <= shown
    assert "same in all? p = 0.69, adjusted 1.00" in shown


def test_what_has_no_estimate_says_why(effects):
    shown = " ".join(" ".join(texts(subgroup_forest(effects))).split())
    assert "withheld: too few patients or dropouts" in shown
    assert "not estimable: kind of rupture known in no session after one" in shown
    assert "one more or less moves the estimate" in shown
    assert "Moderators tested: 2" in shown


def test_levels_of_a_moderator_stand_together(effects):
    rows, heads, _ = placed(effects)
    assert [head["text"] for head in heads] == ["Overall", "Population", "Age", "Kind of rupture"]
    assert rows["y"].is_monotonic_increasing
    assert rows["unit_low"].notna().sum() == rows["estimate"].notna().sum()


def test_alt_text_names_every_level_and_test(effects):
    said = alt_text(effects)
    for level in ("Anxiety 0.65 [0.41, 1.03]", "PTSD withheld", "adjusted 1.00"):
        assert level in said


def test_without_effects_the_figure_says_so(effects):
    assert NOTHING in texts(subgroup_forest(effects.iloc[:0]))
    assert alt_text(effects.iloc[:0]) == NOTHING


def test_the_table_reads_the_same_from_its_csv(effects, tmp_path):
    effects.to_csv(tmp_path / "table.csv", index=False)
    read = pd.read_csv(tmp_path / "table.csv")
    html = moderators_table(effects, simulated=True)
    assert moderators_table(read, simulated=True) == html
    assert "Simulated data" in html
    assert "&#967;&#178;(4) = 1.48, p = 0.69 (Holm: 1.00)" in html
    assert "What small cells can say" in html
    assert "&#8776;0.67" in html
    assert ">103<" in html
    assert html.count("Same in all subgroups?") == 4
    assert "couple, family or group" in html


def test_an_empty_table_stands(effects):
    assert "subgroup" in moderators_table(effects.iloc[:0])
