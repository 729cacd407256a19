"""Conversions against their formulas and known values; this study beside the literature."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.effect_rows import EVER, HEADLINE, compared
from rupture_outcome.estimates.literature import (
    COLUMNS,
    benchmarks,
    d_from_r,
    literature,
    log_odds,
    log_odds_from_d,
)
from rupture_outcome.look.look import Look
from rupture_outcome.products.literature import (
    NOTHING,
    alt_text,
    literature_figure,
    literature_table,
    placed,
    value_text,
)
from tests.unit.figure_texts import overlapping, texts

PRIMARY = {"definition": "psq_patient", "repair_rule": "psq_resolved"}
KNOWN = benchmarks()
SIMULATED = Look(simulated=True)


def effect(analysis, pair, estimate, **more):
    row = {
        **PRIMARY,
        **{"analysis": analysis, "dropout_definition": "recorded_ending", "link": "logit"},
        **{"term": "state", **compared(pair), "estimate": estimate, "se": 0.2},
        **{"ci_low": estimate - 0.4, "ci_high": estimate + 0.4, "ratio": np.exp(estimate)},
        **{"patients": 584, "sessions": 6201, "events": 119, "converged": True, "reason": np.nan},
    }
    return row | more


EFFECTS = pd.DataFrame(
    [
        effect("hazard", ("repaired", "intact"), 0.1),
        effect("hazard", HEADLINE, -0.65),
        effect("naive", EVER, -1.5, reason="biased by immortal time"),
        effect("hazard", HEADLINE, -9.0, definition="drop_rci"),
    ]
)
SAMPLE = pd.DataFrame({"variable": ["ending"], "category": ["dropout"], "percent": [20.0]})
PREVALENCE = pd.DataFrame(
    {
        **{"definition": ["psq_patient", "observer"], "rate": [0.25, 0.17]},
        **{"ci_low": [0.24, 0.14], "ci_high": [0.27, 0.21]},
        **{"patients_testable": [600, 150], "patients_detected": [450, np.nan]},
    }
)
THERAPISTS = pd.DataFrame(
    {"outcome": ["rupture", "dropout"], "share": [0.3, 0.1], "share_low": 0.0, "share_high": 0.2}
)
FULL = literature(EFFECTS, PRIMARY, sample=SAMPLE, prevalence=PREVALENCE, therapists=THERAPISTS)


@pytest.mark.parametrize(("r", "d"), [(0.0, 0.0), (0.29, 0.6060), (-0.6, -1.5), (0.5, 1.1547)])
def test_d_of_a_correlation(r, d):
    assert d_from_r(r) == pytest.approx(d, abs=5e-5)
    # the inverse for equal groups, r = d / √(d² + 4)
    assert d_from_r(r) / np.sqrt(d_from_r(r) ** 2 + 4) == pytest.approx(r)


def test_log_odds_of_d_is_the_ratio_of_the_spreads():
    assert log_odds_from_d(1.0) == pytest.approx(1.813799)
    assert log_odds("d", 0.55) == pytest.approx(0.55 * np.pi / np.sqrt(3))
    assert log_odds("odds ratio", 2.0) == pytest.approx(np.log(2))
    assert log_odds("r", 0.29) == pytest.approx(log_odds_from_d(d_from_r(0.29)))
    with pytest.raises(ValueError, match="hazard ratio"):
        log_odds("hazard ratio", 0.9)


def found(finding):
    return KNOWN[KNOWN["finding"].eq(finding)].iloc[0]


def test_a_published_d_counts_and_not_ours():
    row = found("Repair of ruptures and outcome")
    assert (row["value"], row["reported_d"]) == (0.29, 0.62)
    assert row["log_odds"] == pytest.approx(log_odds_from_d(0.62))
    assert row["log_odds"] != pytest.approx(log_odds("r", 0.29), abs=0.01)
    assert row["log_odds_low"] == pytest.approx(log_odds("r", 0.10))
    assert row["log_odds_high"] == pytest.approx(log_odds("r", 0.47))
    assert value_text(row) == "r = 0.29 [0.10, 0.47], d = 0.62"


def test_what_has_no_common_scale_is_not_on_it():
    off = KNOWN[KNOWN["common_scale"].eq(0)]
    assert off["log_odds"].isna().all()
    assert set(off["effect_type"]) == {"hazard ratio", "β", "%"}
    assert set(KNOWN.loc[KNOWN["common_scale"].eq(1), "effect_type"]) == {"r", "d"}


def test_every_row_names_comparator_outcome_unit_and_status():
    for column in ("finding", "authors", "outcome", "comparator", "unit", "effect_type"):
        assert KNOWN[column].fillna("").str.strip().ne("").all()
    assert KNOWN["status"].isin(["verified", "recalled"]).all()


def test_limits_are_in_order_and_hold_the_estimate():
    on = KNOWN[KNOWN["log_odds_low"].notna()]
    assert (on["log_odds_low"] < on["log_odds"]).all()
    assert (on["log_odds"] < on["log_odds_high"]).all()


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        ("Stronger alliance and outcome", "r = 0.278 [0.256, 0.299]"),
        ("Patients who drop out", "19.7% [18.7, 20.7]"),
        ("Dropouts by all of three definitions", "< 1%"),
        ("Sessions with a rupture, coded by observers", "41 to 100%"),
        ("Unrepaired rupture and worse outcome, PTSD", "β = 0.45"),
    ],
)
def test_values_are_shown_as_published(finding, text):
    assert value_text(found(finding)) == text


def test_the_study_stands_first_and_more_than_zero_is_better():
    assert list(FULL.columns) == list(COLUMNS)
    assert FULL["source"].tolist()[:2] == ["this study"] * 2
    main, naive = FULL.iloc[0], FULL.iloc[1]
    assert (main["log_odds"], naive["log_odds"]) == (0.65, 1.5)
    assert main["log_odds_low"] == pytest.approx(0.25)
    assert main["value"] == pytest.approx(np.exp(-0.65))
    assert main["n"] == 584
    assert naive["reason"] == "biased by immortal time"


def test_own_numbers_stand_beside_percentages():
    own = FULL.set_index("finding")["own_value"]
    assert own["Patients who drop out"] == 20.0
    assert own["Share of the variance of dropout between therapists"] == pytest.approx(10.0)
    assert own["Sessions with a rupture, reported by patients"] == pytest.approx(25.0)
    assert own["Patients in primary care: neither"] == pytest.approx(25.0)
    assert own.notna().sum() == 5
    bare = literature(EFFECTS, PRIMARY)
    assert bare["own_value"].isna().all()
    assert len(bare) == len(FULL)


def test_what_is_withheld_stays_so():
    withheld = EFFECTS.assign(**dict.fromkeys(["estimate", "ci_low", "ci_high", "ratio"], np.nan))
    rows = literature(
        withheld,
        PRIMARY,
        sample=SAMPLE.assign(percent=np.nan),
        prevalence=PREVALENCE.assign(patients_testable=np.nan),
    )
    assert rows["own_value"].notna().sum() == 2
    assert rows.iloc[0]["reason"] == "withheld_or_not_estimable"
    assert "not shown: withheld or not estimable" in texts(literature_figure(rows, Look()))
    assert overlapping(literature_figure(rows, Look())) == []
    assert "withheld or not estimable" in alt_text(rows)


def test_a_hazard_ratio_says_so():
    row = literature(EFFECTS.assign(link="cloglog"), PRIMARY).iloc[0]
    assert row["effect_type"] == "hazard ratio"
    assert row["reason"] == "log_hazard_ratio"


def test_no_text_of_the_figure_overlaps_and_recalled_is_said():
    figure = literature_figure(FULL, SIMULATED)
    assert overlapping(figure) == []
    said = " ".join(" ".join(texts(figure)).split())
    assert "this study, simulated" in said
    assert "more than 1 is better" in said
    assert "biased by immortal time" in said
    recalled = FULL.assign(status=FULL["status"].replace("verified", "recalled"))
    assert "(recalled)" in " ".join(texts(literature_figure(recalled, Look())))
    assert "Recalled: not read" in literature_table({"literature": recalled}, Look())
    drawn, _ = placed(FULL)
    assert len(drawn) == 2 + KNOWN["common_scale"].sum()
    assert alt_text(FULL).count("compared with") == len(drawn)


def test_without_effects_the_figure_says_so():
    nothing = FULL.iloc[:0]
    assert NOTHING in texts(literature_figure(nothing, Look()))
    assert alt_text(nothing) == NOTHING


def test_the_table_reads_the_same_from_its_csv(tmp_path):
    FULL.to_csv(tmp_path / "table.csv", index=False)
    again = pd.read_csv(tmp_path / "table.csv")
    html = literature_table({"literature": FULL}, SIMULATED)
    assert literature_table({"literature": again}, SIMULATED) == html
    for text in ("Simulated data", "Compared with", "Unit", "verified", "20.0% of patients"):
        assert text in html
