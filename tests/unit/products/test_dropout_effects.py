"""Effects on dropout: the forest, the table, and what rests on few."""

import html
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.effect_rows import EVER, HEADLINE, RUPTURE, compared
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import WITHHELD
from rupture_outcome.products.dropout_effects import (
    NOTHING,
    PRODUCT,
    draw_effects,
    effects_table,
)
from rupture_outcome.products.specification_curve import draw_specifications, specifications
from rupture_outcome.products.tables import published
from tests.unit.figure_texts import overlapping, texts

PRIMARY = {"definition": "drop_rci", "repair_rule": "return_to_baseline"}
REAL = Look(threshold=10, primary=PRIMARY)
SIMULATED = Look(simulated=True, primary=PRIMARY)
FEWEST = {"fewest_patients": 90, "fewest_events": 25, "fewest_without": 60}


def raw() -> pd.DataFrame:
    """Naive first; the first landmark rests on 6 dropouts in one state, the second on none."""
    rows = [
        ("naive", EVER, None, -1.6, 0.3, "biased"),
        ("hazard", HEADLINE, None, -0.5, 0.2, ""),
        ("hazard", RUPTURE, None, 0.6, 0.2, ""),
        ("landmark", HEADLINE, 8, np.nan, np.nan, "flat"),
        ("landmark", HEADLINE, 4, -0.2, 0.4, ""),
    ]
    names = ["analysis", "pair", "landmark", "estimate", "se", "reason"]
    frame = pd.DataFrame(rows, columns=names).assign(**PRIMARY, link="logit", **FEWEST)
    frame.loc[frame["landmark"].eq(4), "fewest_events"] = 6
    pairs = pd.DataFrame([compared(pair) for pair in frame.pop("pair")])
    return frame.join(pairs).assign(
        term="state",
        landmark=frame["landmark"].astype("Int64"),
        dropout_definition="recorded_ending",
        ratio=np.exp(frame["estimate"]),
        ci_low=frame["estimate"] - 2 * frame["se"],
        ci_high=frame["estimate"] + 2 * frame["se"],
        converged=frame["estimate"].notna(),
        patients=604,
        sessions=6003,
        events=118,
        df=np.nan,
    )


def tables(look: Look, frame: pd.DataFrame | None = None) -> dict[str, pd.DataFrame]:
    effects = raw() if frame is None else frame
    return {"dropout_effects": published(PRODUCT, {"effects": effects}, look)}


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", page)))


@pytest.mark.parametrize("look", [REAL, SIMULATED])
def test_texts_do_not_overlap_and_say_what_the_data_are(look):
    figure = draw_effects(tables(look), look).figure
    assert overlapping(figure) == []
    said = " ".join(texts(figure)).replace("\n", " ")
    assert ("Simulated data" in said) == look.simulated
    assert ("rounded to the nearest 10" in said) == bool(look.threshold)


def test_naive_is_called_biased_and_failure_is_explained():
    failed = raw()
    of_main = failed["analysis"].eq("hazard")
    failed.loc[of_main, ["estimate", "ratio", "ci_low", "ci_high"]] = np.nan
    failed.loc[of_main, "reason"] = "flat"
    drawing = draw_effects(tables(SIMULATED, failed), SIMULATED)
    assert "Naive (biased)" in texts(drawing.figure)
    assert "not estimable: flat" in texts(drawing.figure)
    assert "immortal time" in drawing.alt


def test_a_penalised_estimate_stands_beside_hollow_and_alone_where_there_is_no_other():
    few = raw()
    few["reason"] = "penalised:0.7:0.3:1.5; few_events"
    few.loc[few["analysis"].eq("naive"), "reason"] = "biased"
    missing = few.copy()
    gone = few["analysis"].eq("hazard")
    missing.loc[gone, ["estimate", "ratio", "ci_low", "ci_high"]] = np.nan
    for frame, said in ((few, "0.61 [0.41 to 0.90]"), (missing, "0.70 [0.30 to 1.50], penalised")):
        figure = draw_effects(tables(SIMULATED, frame), SIMULATED).figure
        shown = texts(figure)
        assert said in shown
        assert any("penalised likelihood" in text.replace("\n", " ") for text in shown)
        hollow = [
            line
            for line in figure.axes[0].lines
            if line.get_marker() == "o" and line.get_markerfacecolor() == "white"
        ]
        assert [float(line.get_xdata()[0]) for line in hollow] == [0.7]
        curve = draw_specifications(tables(SIMULATED, frame), SIMULATED)
        assert overlapping(curve.figure) == []


def test_naive_marker_is_hollow_and_the_main_one_is_not():
    figure = draw_effects(tables(SIMULATED), SIMULATED).figure
    lines = {line.get_marker(): line for ax in figure.axes for line in ax.lines}
    assert lines["D"].get_markerfacecolor() == "white"
    assert lines["o"].get_markerfacecolor() != "white"


def test_landmarks_are_named_in_the_unit_of_the_clock():
    weeks = replace(REAL, clock="weeks")
    early = raw()
    early.loc[early["landmark"].eq(4), "fewest_events"] = 20
    figure = draw_specifications(tables(weeks, early), weeks).figure
    assert "From week 4 on" in texts(figure)


def test_the_forest_shows_the_main_coding_and_the_curve_all_in_order():
    other = raw().assign(repair_rule="half_recovery")
    other["estimate"] += 0.3
    other["ratio"] = np.exp(other["estimate"])
    both = tables(SIMULATED, pd.concat([raw(), other], ignore_index=True))
    said = draw_effects(both, SIMULATED).alt
    assert "0.61 [" in said
    assert "0.82 [" not in said
    shown, every = specifications(both["dropout_effects"], SIMULATED)
    assert every == 8  # naive, hazard and two landmarks under two rules
    assert len(shown) == 6
    assert shown["value"].is_monotonic_increasing
    assert shown.loc[shown["main"], "ratio"].tolist() == [pytest.approx(np.exp(-0.5))]
    curve = texts(draw_specifications(both, SIMULATED).figure)
    assert any("2 have none or are withheld" in text for text in curve)


def test_an_effect_that_rests_on_few_in_one_arm_is_withheld_everywhere():
    shown = tables(REAL)
    row = shown["dropout_effects"].set_index("landmark").loc[4]
    assert row[["estimate", "se", "ci_low", "ci_high", "ratio"]].isna().all()
    drawn, _ = specifications(shown["dropout_effects"], REAL)
    assert not drawn["analysis"].str.contains("From").any()
    page = words(effects_table(shown, REAL))
    assert page.count(WITHHELD) == 1
    assert "0.82" not in page
    assert "0.82" in words(effects_table(tables(SIMULATED), SIMULATED))


def test_the_table_holds_every_analysis_in_its_order():
    page = words(effects_table(tables(SIMULATED), SIMULATED))
    assert "immortal time" in page
    assert "0.61" in page
    order = ["Session by session", "From session 4 on", "ever repaired against never repaired"]
    places = [page.index(text) for text in order]
    assert places == sorted(places)


def test_counts_are_rounded_and_estimates_have_the_digits_of_their_error():
    row = tables(REAL)["dropout_effects"].iloc[1]
    assert row[["patients", "sessions", "events"]].tolist() == [600, 6000, 120]
    assert row["ratio"] == pytest.approx(0.61)  # two decimals, as the error of 0.20 has


def test_a_study_without_effects_says_so():
    empty = tables(REAL, raw().iloc[:0])
    assert NOTHING in texts(draw_effects(empty, REAL).figure)
    assert "Ruptures, repair and dropout" in effects_table(empty, REAL)
