"""Subgroups: figure and table."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.effect_rows import FEWEST, HEADLINE, RUPTURE, compared, compares
from rupture_outcome.look.look import Look
from rupture_outcome.products.moderator_effects import (
    NOTHING,
    PRODUCT,
    alt_text,
    moderators_table,
    placed,
    subgroup_forest,
)
from rupture_outcome.products.tables import published
from tests.unit.figure_texts import overlapping, texts

FEW = "few_dropouts"


EXACT, REAL = Look(simulated=True), Look(threshold=10)
CONTRASTS = (HEADLINE, RUPTURE)
# level: patients, sessions, events, dropouts repaired, unrepaired, intact
LEVELS = {
    "anxiety": (170, 1800, 40, 12, 15, 13),
    "depression": (231, 2500, 60, 5, 35, 20),
    "ptsd": (103, 1000, 16, 4, 8, 4),
    "ocd": (38, 400, 30, 12, 12, 6),
    "other": (7, 70, 4, 2, 1, 1),
}


def frame(levels=LEVELS, moderator="population"):
    total = tuple(np.sum(list(levels.values()), axis=0))
    rows = []
    for name, given in (("all", {"all": total}), (moderator, levels)):
        for level, nesting, pair in product(given, ("therapist", "unit"), CONTRASTS):
            patients, sessions, events, repaired, unrepaired, intact = given[level]
            first = pair == CONTRASTS[0]
            cells = (repaired, unrepaired) if first else (unrepaired, intact)
            rows.append(
                {
                    **{"moderator": name, "level": level, "nested_in": nesting},
                    **compared(pair),
                    **{"link": "logit", "definition": "drop_rci"},
                    **{"repair_rule": "psq_resolved", "dropout_definition": "recorded_ending"},
                    **{"estimate": -0.4321, "se": 0.2345, "ci_low": -0.9, "ci_high": 0.03},
                    "ratio": np.exp(-0.4321),
                    **dict(
                        zip(
                            ("patients", "sessions", "events"),
                            (patients, sessions, events),
                            strict=True,
                        )
                    ),
                    **{"joint_statistic": 1.478, "joint_df": 4, "joint_p": 0.687},
                    **{"joint_p_holm": 1.0, "converged": True, "reason": ""},
                    **dict(zip(("events_first", "events_second"), cells, strict=True)),
                    **dict(zip(FEWEST, (min(cells) * 2, min(cells), min(cells)), strict=True)),
                }
            )
    out = pd.DataFrame(rows)
    tests = ["joint_statistic", "joint_df", "joint_p", "joint_p_holm"]
    out[tests] = out[tests].where(out["moderator"].ne("all"))
    return out.assign(joint_df=out["joint_df"].astype("Int64"))


def raw_effects():
    raw = pd.concat([frame(), frame(LEVELS, "age_band").query("moderator != 'all'")])
    raw = raw.reset_index(drop=True)
    raw["reason"] = np.where(raw["events_first"].lt(10), FEW, "")
    marked = frame({"all": next(iter(LEVELS.values()))}, "kind").query("moderator == 'kind'")
    marked = marked.assign(reason="kind_never_known", converged=False, joint_p=np.nan)
    marked[["estimate", "se", "ci_low", "ci_high", "ratio"]] = np.nan
    return pd.concat([raw, marked], ignore_index=True)


@pytest.fixture(scope="module")
def effects() -> pd.DataFrame:
    return published(PRODUCT, {"frame": raw_effects()}, EXACT)


@pytest.fixture(scope="module")
def rounded() -> pd.DataFrame:
    return published(PRODUCT, {"frame": raw_effects()}, REAL)


def laid_out(effects, look=EXACT):
    return moderators_table({"moderator_effects": effects}, look)


def test_no_text_overlaps(effects, rounded):
    assert overlapping(subgroup_forest(rounded, REAL)) == []
    figure = subgroup_forest(effects, EXACT)
    assert overlapping(figure) == []
    shown = set(texts(figure))
    assert {"Simulated data", "Population", "Depression †", "Odds ratio [95%]"} <= shown
    assert "same in all? p = 0.687, adjusted 1.000" in shown


def test_what_has_no_estimate_says_why(effects, rounded):
    shown = " ".join(" ".join(texts(subgroup_forest(effects, EXACT))).split())
    assert "kind of rupture: not estimable: the kind of rupture was never recorded" in shown
    assert "one more or less moves the estimate" in shown
    assert "Moderators tested: 2" in shown
    shown = " ".join(" ".join(texts(subgroup_forest(rounded, REAL))).split())
    assert "withheld: too few persons or events in one arm" in shown


def test_small_subgroups_join_others_and_what_rests_on_few_is_withheld(rounded):
    own = rounded[rounded["moderator"].eq("population") & rounded["nested_in"].eq("unit")]
    own = own[compares(own, HEADLINE)].set_index("level")
    assert own["patients"].to_dict() == {
        "anxiety": 170, "depression": 230, "ptsd": 100, "ocd": 40, "other": -10
    }  # fmt: skip
    assert own["estimate"].notna().to_dict() == {
        "anxiety": True, "depression": False, "ptsd": False, "ocd": True, "other": False
    }  # fmt: skip
    assert own["joint_p"].isna().all()
    assert own.loc["anxiety", "reason"] == ""
    assert own.loc["depression", "reason"] == ""


def test_small_subgroups_join_a_large_group_called_other():
    levels = {
        "other": (170, 1800, 60, 20, 25, 15),
        "a": (6, 60, 3, 1, 1, 1),
        "b": (5, 50, 2, 1, 1, 0),
    }
    shown = published(PRODUCT, {"frame": frame(levels)}, REAL)
    one = shown[shown["moderator"].eq("population") & shown["nested_in"].eq("unit")]
    one = one[compares(one, HEADLINE)]
    assert one["level"].tolist() == ["other"]
    assert one["patients"].tolist() == [180]
    assert one["estimate"].isna().all()
    assert overlapping(subgroup_forest(shown, REAL)) == []


def test_subgroups_are_withheld_where_all_and_they_would_tell_a_small_one():
    levels = {"a": (200, 2000, 60, 20, 25, 15), "b": (180, 1800, 45, 15, 18, 12)}
    few = {"c": (90, 900, 20, 4, 11, 5)}
    both = {"c": (90, 900, 20, 6, 11, 3), "d": (90, 900, 30, 7, 12, 11)}
    for others, told in ((few, 0), (both, 2)):
        shown = published(PRODUCT, {"frame": frame(levels | others)}, REAL)
        one = shown[shown["nested_in"].eq("unit") & compares(shown, HEADLINE)]
        assert one.set_index("level")["estimate"].notna().sum() == 1 + told


def test_levels_of_a_moderator_stand_together(effects):
    rows, heads, _ = placed(effects)
    assert [head["text"] for head in heads] == ["Overall", "Population", "Age"]
    assert rows["y"].is_monotonic_increasing
    assert rows["unit_low"].notna().sum() == rows["estimate"].notna().sum()


def test_alt_text_names_every_level_and_test(effects, rounded):
    said = alt_text(effects, EXACT)
    for level in ("Anxiety 0.65 [0.41 to 1.03]", "adjusted 1.000"):
        assert level in said
    assert "PTSD (population)" in alt_text(rounded, REAL)
    assert "withheld: too few persons or events in one arm" in alt_text(rounded, REAL)


def test_without_effects_the_figure_says_so(effects):
    assert NOTHING in texts(subgroup_forest(effects.iloc[:0], EXACT))
    assert alt_text(effects.iloc[:0], EXACT) == NOTHING
    assert "subgroup" in laid_out(effects.iloc[:0])


def test_the_table_holds_levels_and_tests(effects):
    html = laid_out(effects)
    assert "Simulated data" in html
    assert "&#967;&#178;(4) = 1.48, p = 0.687 (Holm: 1.000)" in html
    assert "What small cells can say" in html
    assert ">103<" in html
    assert html.count("Same in all subgroups?") == 4
    assert "couple, family or group" in html


def test_the_truth_is_the_same_in_all_subgroups_of_the_table(effects):
    known = Look(simulated=True, settings={"truth": {"repaired vs unrepaired": -0.9}})
    html = moderators_table({"moderator_effects": effects}, known)
    assert "Truth of the simulation" in html
    rows = effects[compares(effects, HEADLINE) & effects["nested_in"].eq("therapist")]
    assert html.count(">0.41<") == len(rows)
    assert "Truth" not in laid_out(effects)
