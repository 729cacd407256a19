"""Definitions of dropout: what a reader finds in the tables and in the figure."""

from html import unescape

import pytest

from rupture_outcome.products import dropout_definition_effects as by_effect
from rupture_outcome.products.dropout_definition_effects import (
    definition_effects_table,
    draw_definition_effects,
)
from rupture_outcome.products.dropout_definitions import (
    NOTHING,
    definitions_table,
    draw_definitions,
)
from rupture_outcome.products.dropout_overlap import overlap_table
from rupture_outcome.products.dropout_patterns import (
    MOST,
    draw_patterns,
    patterns_table,
    shown_patterns,
)
from tests.unit.dropout_products import look_of, raw_tables, shown_tables
from tests.unit.figure_texts import overlapping, texts

REAL, SIMULATED = look_of(10), look_of(0)
LAID_OUT = (definitions_table, overlap_table, patterns_table, definition_effects_table)
DRAWN = (draw_definitions, draw_patterns, draw_definition_effects)


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize(("patients", "threshold"), [(400, 10), (400, 0), (60, 10), (12, 10)])
def test_no_text_overlaps(draw, patients, threshold):
    drawing = draw(shown_tables(patients, threshold), look_of(threshold))
    assert overlapping(drawing.figure) == []
    assert ("Simulated data" in texts(drawing.figure)) == (threshold == 0)
    assert "nan" not in drawing.alt


def test_ratios_are_written_and_the_naive_ones_are_named():
    shown = texts(draw_definition_effects(shown_tables(400, 0), SIMULATED).figure)
    assert sum(text.endswith(", naive") for text in shown) == 6
    assert any("biased by immortal time" in text.replace("\n", " ") for text in shown)


def test_what_cannot_be_estimated_and_what_is_withheld_is_said():
    effects = shown_tables()["dropout_definition_effects"].copy()
    own = effects["dropout_definition"].eq("recorded_ending")
    effects.loc[own, ["estimate", "ratio"]] = float("nan")
    effects.loc[own, "reason"] = "no dropout"
    other = effects["dropout_definition"].eq("fewer_than_planned")
    effects.loc[other, ["estimate", "ratio"]] = float("nan")
    effects.loc[other, "reason"] = ""
    shown = texts(by_effect.effects_figure(effects, REAL))
    said = by_effect.alt_text(effects, REAL)
    assert "not estimable: no dropout" in shown
    assert "withheld: too few" in shown
    assert "not estimable: no dropout" in said
    assert "withheld: too few persons or events in one arm" in said


def test_sets_stand_in_order_with_the_joined_ones_last():
    tables = shown_tables()
    shown = shown_patterns(tables["dropout_patterns"])
    assert "none" not in shown["detected_by"].tolist()
    named = shown[shown["detected_by"].ne("other")]
    assert named["share"].is_monotonic_decreasing
    assert len(named) <= MOST
    assert shown["detected_by"].tolist()[-1] == "other"


@pytest.mark.parametrize("patients", [60, 400])
def test_no_set_of_few_patients_is_named_and_all_are_counted(patients):
    raw = raw_tables(patients)["patterns"]
    shown = shown_tables(patients)["dropout_patterns"]
    small = raw.loc[raw["patients"].between(1, 10), "detected_by"]
    assert len(small)
    assert not set(small) & set(shown["detected_by"])
    assert shown["n"].nunique() == 1
    assert shown["n"].iloc[0] == pytest.approx(raw["n"].iloc[0], abs=5)


def test_agreement_that_rests_on_few_patients_is_withheld():
    raw, shown = raw_tables(60)["pairs"], shown_tables(60)["dropout_overlap"]
    few = raw[["both", "only_a", "only_b", "neither"]].isin(range(1, 11)).any(axis=1)
    assert few.any()
    assert shown.loc[few, ["kappa", "ci_low", "ci_high", "ac1"]].isna().all(axis=None)
    assert (shown["kappa"].notna() == (~few & raw["kappa"].notna())).all()


def test_alt_text_gives_rates_and_ratios():
    assert "Fewer sessions than planned:" in draw_definitions(shown_tables(), REAL).alt
    text = draw_definition_effects(shown_tables(), REAL).alt
    assert "Repaired against open rupture, odds ratio by definition" in text
    assert "Patients by the set" in draw_patterns(shown_tables(), REAL).alt


def test_the_rules_stand_with_their_limits():
    html = unescape(definitions_table(shown_tables(), REAL))
    assert "fewer than 60% of the planned sessions" in html
    assert "before 3 attended sessions" in html
    assert "through symptoms as well as through leaving" in html
    assert "2,977 patients" in unescape(patterns_table(shown_tables(), REAL))


def test_the_studys_definition_is_marked_and_the_naive_one_is_called_biased():
    html = unescape(definition_effects_table(shown_tables(), REAL))
    assert "Fewer sessions than planned (the study's definition)" in html
    assert "biased by immortal time" in html


@pytest.mark.parametrize("patients", [12, 400])
def test_tables_say_what_the_data_are(patients):
    pages = {
        t: [lay_out(shown_tables(patients, t), look_of(t)) for lay_out in LAID_OUT] for t in (0, 10)
    }
    assert all("Simulated data" in page for page in pages[0])
    assert all("rounded to the nearest 10" in page for page in pages[10])


def test_nothing_to_show_is_said():
    empty = {name: frame.iloc[:0] for name, frame in shown_tables().items()}
    for draw in DRAWN:
        drawing = draw(empty, REAL)
        assert drawing.alt in texts(drawing.figure)
    assert draw_definitions(empty, REAL).alt == NOTHING
    pages = [lay_out(empty, REAL) for lay_out in LAID_OUT]
    assert "n = 0 patients" in pages[0]
    assert "No definition" in pages[-1]
