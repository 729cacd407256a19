from itertools import product

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.publishable.moderators import CELLS, COUNTS, publishable_moderators

CONTRASTS = ("repaired vs unrepaired", "unrepaired vs intact")
# level: patients, sessions, events, dropouts repaired, unrepaired, intact
LEVELS = {
    "anxiety": (170, 1800, 40, 12, 15, 13),
    "depression": (231, 2500, 60, 5, 35, 20),
    "ptsd": (103, 1000, 13, 1, 8, 4),
    "ocd": (38, 400, 30, 12, 12, 6),
    "other": (7, 70, 4, 2, 1, 1),
}


def frame(levels=LEVELS, moderator="population"):
    total = tuple(np.sum(list(levels.values()), axis=0))
    rows = []
    for name, given in (("all", {"all": total}), (moderator, levels)):
        for level, nesting, contrast in product(given, ("therapist", "unit"), CONTRASTS):
            patients, sessions, events, repaired, unrepaired, intact = given[level]
            first = contrast == CONTRASTS[0]
            cells = (repaired, unrepaired) if first else (unrepaired, intact)
            rows.append(
                {
                    **{"moderator": name, "level": level, "nested_in": nesting},
                    **{"contrast": contrast, "link": "logit", "definition": "drop_rci"},
                    **{"repair_rule": "psq_resolved", "dropout_definition": "recorded_ending"},
                    **{"estimate": -0.4321, "se": 0.2345, "ci_low": -0.9, "ci_high": 0.03},
                    "ratio": np.exp(-0.4321),
                    **dict(zip(COUNTS, (patients, sessions, events), strict=True)),
                    **{"joint_statistic": 1.478, "joint_df": 4, "joint_p": 0.687},
                    **{"joint_p_holm": 1.0, "converged": True, "note": ""},
                    **dict(zip(CELLS, cells, strict=True)),
                }
            )
    out = pd.DataFrame(rows)
    tests = ["joint_statistic", "joint_df", "joint_p", "joint_p_holm"]
    out[tests] = out[tests].where(out["moderator"].ne("all"))
    return out.assign(joint_df=out["joint_df"].astype("Int64"))


def sample(gaps=(0, 0, 0, 0, 0)):
    n = [given[0] + gap for given, gap in zip(LEVELS.values(), gaps, strict=True)]
    return pd.DataFrame({"variable": "population", "category": list(LEVELS), "n": n})


def headline(published):
    own = published["contrast"].eq(CONTRASTS[0]) & published["nested_in"].eq("unit")
    return published[own & published["moderator"].ne("all")].set_index("level")


def test_small_levels_are_withheld_with_others():
    shown = headline(publishable_moderators(frame(), 10))
    assert shown["patients"].isna().tolist() == [False, False, False, True, True]
    assert shown.loc["other", "withheld"].startswith("patients ≤10")
    assert shown.loc["ocd", "withheld"].startswith("patients –")
    assert shown["sessions"].notna().all()


def test_nothing_small_is_shown_or_follows_by_subtraction():
    for threshold in (5, 10, 20):
        published = publishable_moderators(frame(), threshold)
        shown = headline(published)
        total = published[published["moderator"].eq("all")].iloc[0]
        for column in COUNTS:
            known = shown[column].dropna()
            assert ((known == 0) | (known > threshold)).all()
            hidden = shown[column].isna()
            rest = total[column] - known.sum()
            assert rest == 0 or (hidden.sum() > 1 and rest - hidden.sum() >= threshold)


def test_patients_that_left_the_sample_cannot_be_counted():
    published = publishable_moderators(frame(), 10, sample((3, 15, 0, 12, 0)))
    shown = headline(published)
    assert shown.loc["anxiety", "withheld"].startswith("patients ≈173")
    assert pd.isna(shown.loc["ocd", "patients"])  # 3 = all that left − 15 − 12
    assert shown.loc["ptsd", "patients"] == 103


def test_patients_without_dropout_cannot_be_counted():
    shown = headline(publishable_moderators(frame(), 10))
    assert pd.isna(shown.loc["ocd", "events"])  # 38 − 30 are few
    assert np.isnan(shown.loc["ocd", "estimate"])


def test_estimates_from_few_dropouts_are_withheld_or_rounded():
    published = publishable_moderators(frame(), 10)
    shown = headline(published)
    assert shown.loc[["ptsd", "other"], ["estimate", "se", "ci_low", "ratio"]].isna().all(axis=None)
    assert shown.loc["ptsd", "withheld"].endswith("estimate –")
    assert shown.loc["anxiety", "estimate"] == -0.4321
    assert shown.loc["depression", "withheld"] == "estimate ≈"
    assert shown.loc["depression", "se"] == pytest.approx(0.2)
    assert shown.loc["depression", "ratio"] == pytest.approx(np.exp(-0.4))


def test_counts_of_states_are_not_published():
    assert not set(CELLS) & set(publishable_moderators(frame(), 10).columns)


def test_all_is_shown_at_threshold_0():
    raw = frame()
    published = publishable_moderators(raw, 0, sample((3, 15, 0, 12, 0)))
    assert (published["withheld"] == "").all()
    for column in (*COUNTS, "estimate"):
        np.testing.assert_array_equal(published[column].astype(float), raw[column].astype(float))


def test_a_total_near_a_published_one_is_withheld():
    published = publishable_moderators(frame(), 10, published={"patients": [555]})
    assert published.loc[published["moderator"].eq("all"), "patients"].isna().all()
    assert published["withheld"].iloc[0] == "patients ≈555"
