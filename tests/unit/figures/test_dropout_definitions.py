"""The figure of dropout definitions: what it says, and that nothing runs into anything."""

import pandas as pd
import pytest

from rupture_outcome.figures.dropout_definitions import (
    MOST,
    NOTHING,
    alt_text,
    overview,
    shown_patterns,
)
from tests.unit.dropout_products import products
from tests.unit.figures.figure_texts import overlapping, texts


def tables(folder, patients=400, threshold=10):
    """Read the published tables as the figure does."""
    own = products(patients, threshold)
    frames = {}
    for name in ("rates", "patterns", "effects"):
        own[name].to_csv(folder / f"{name}.csv", index=False)
        frames[name] = pd.read_csv(folder / f"{name}.csv")
    return frames


@pytest.mark.parametrize(("patients", "threshold"), [(400, 10), (400, 0), (60, 10), (12, 10)])
def test_no_text_overlaps(tmp_path, patients, threshold):
    frames = tables(tmp_path, patients, threshold)
    figure = overview(**frames, chosen="recorded_ending", threshold=threshold, simulated=True)
    assert overlapping(figure) == []
    assert "Simulated data" in texts(figure)


def test_ratios_are_written_and_the_naive_ones_are_named(tmp_path):
    shown = texts(overview(**tables(tmp_path), chosen="recorded_ending"))
    assert sum(text.endswith(", naive") for text in shown) == 6
    assert any("biased by immortal time" in text.replace("\n", " ") for text in shown)


def test_what_cannot_be_estimated_is_said(tmp_path):
    frames = tables(tmp_path)
    effects = frames["effects"]
    effects.loc[effects["dropout_definition"].eq("recorded_ending"), "estimate"] = float("nan")
    effects["note"] = effects["note"].astype(object)
    effects.loc[effects["dropout_definition"].eq("recorded_ending"), "note"] = "no dropout"
    shown = texts(overview(**frames, chosen="recorded_ending"))
    assert "not estimable: no dropout" in shown
    assert "not estimable: no dropout" in alt_text(**frames)


def test_sets_stand_in_order_with_the_joined_ones_last(tmp_path):
    shown = shown_patterns(tables(tmp_path)["patterns"])
    assert "none" not in shown["detected_by"].tolist()
    named = shown[shown["detected_by"].ne("other sets")]
    assert named["share"].is_monotonic_decreasing
    assert len(named) <= MOST


def test_alt_text_gives_rates_and_ratios(tmp_path):
    text = alt_text(**tables(tmp_path))
    assert "Fewer sessions than planned:" in text
    assert "Repaired against unrepaired rupture, odds ratio by definition" in text


def test_nothing_to_show_is_said(tmp_path):
    empty = {name: frame.iloc[:0] for name, frame in tables(tmp_path).items()}
    assert NOTHING in texts(overview(**empty, chosen="recorded_ending"))
    assert alt_text(**empty) == NOTHING
