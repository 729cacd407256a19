"""No therapist with few patients is shown, nobody is linked, and nobody is counted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rupture_outcome.estimates.therapists.therapist_effects import EFFECT_COLUMNS, VARIANCE_COLUMNS
from rupture_outcome.publishable.suppress import count_texts, is_small
from rupture_outcome.publishable.therapists import (
    NOT_ONE_BY_ONE,
    PUBLISHED,
    publishable_therapist_table,
    publishable_therapists,
    shown_therapists,
)

T = 10
few = settings(max_examples=25)


def effects(outcome, patients, events, sessions=None):
    n = len(patients)
    rows = pd.DataFrame(
        {
            "outcome": outcome,
            "therapist_id": [f"t{i}" for i in range(n)],
            "estimate": np.sort(np.random.default_rng(n).normal(size=n)),
            "patients": patients,
            "events": events,
            "sessions": sessions or [50 * p + 100 for p in patients],
            "note": "",
        }
    )
    return rows.assign(rank=np.arange(1, n + 1)).reindex(columns=EFFECT_COLUMNS)


def test_therapists_with_few_patients_or_events_are_left_out():
    raw = effects("dropout", [11] * 12 + [10] * 8, [12] * 12 + [30] * 8)
    assert publishable_therapists(raw, T)["rank"].tolist() == list(range(1, 13))
    raw = effects("dropout", [40] * 30, [12] * 14 + [3] * 14 + [0] * 2)
    assert len(publishable_therapists(raw, T)) == 16
    assert len(publishable_therapists(raw, T, full=True)) == 30
    assert len(publishable_therapists(raw, 0)) == 30


def test_no_name_and_no_count_is_published():
    out = publishable_therapists(effects("repair", [40] * 15, [20] * 15), T)
    assert list(out.columns) == PUBLISHED
    assert not {"therapist_id", "patients", "events", "sessions", "se"} & set(out)


def test_few_therapists_are_not_shown_at_all():
    out = publishable_therapists(effects("repair", [40] * 9, [20] * 9), T)
    assert out["estimate"].isna().all()
    assert out["note"].tolist() == [NOT_ONE_BY_ONE]
    assert shown_therapists(out) == []


def test_the_reason_of_an_outcome_without_effects_is_kept():
    raw = pd.DataFrame({"outcome": ["repair"], "note": ["only one therapist"]})
    out = publishable_therapists(raw.reindex(columns=EFFECT_COLUMNS), T)
    assert out["note"].tolist() == ["only one therapist"]
    assert out["rank"].isna().all()


@few
@given(st.lists(st.lists(st.integers(1, 60), max_size=60), min_size=1, max_size=3))
def test_numbers_of_therapists_shown_differ_by_nothing_or_by_many(patients):
    raw = pd.concat(
        [effects(f"o{i}", p, [20] * len(p)) for i, p in enumerate(patients) if p]
        or [effects("o", [1], [1])]
    )
    shown = [0, *shown_therapists(publishable_therapists(raw, T, full=True))]
    assert not any(is_small(abs(a - b), T) for a in shown for b in shown)
    assert max(shown) <= max((sum(n > T for n in p) for p in patients), default=0)


def variances(**columns):
    frame = pd.DataFrame({"outcome": ["rupture", "dropout"], **columns})
    frame = frame.reindex(columns=VARIANCE_COLUMNS)
    return frame.assign(group_sd=0.3, p=0.04, note="", converged=True)


def test_variances_from_few_events_are_withheld_with_their_counts():
    raw = variances(
        therapists=[40, 40], patients=[500, 500], sessions=[4000, 5000], events=[300, 7]
    )
    out = publishable_therapist_table(raw, T)
    assert out["group_sd"].notna().tolist() == [True, False]
    assert count_texts(out, "events") == ["300", "≤10"]
    assert "estimate –" in out["withheld"].iloc[1]


def test_patients_who_nearly_all_drop_out_are_not_counted():
    raw = variances(
        therapists=[40, 40], patients=[500, 150], sessions=[4000, 900], events=[300, 145]
    )
    out = publishable_therapist_table(raw, T)
    assert out["group_sd"].notna().tolist() == [True, False]
    assert count_texts(out, "events") == ["300", "–"]


def test_the_number_of_therapists_does_not_give_those_left_out():
    raw = variances(
        therapists=[27, 44], patients=[500, 700], sessions=[4000, 5000], events=[300, 90]
    )
    out = publishable_therapist_table(raw, T, {"therapists": [24]})
    assert count_texts(out, "therapists") == ["≈24", "44"]


@pytest.mark.parametrize("therapists", [1, 7])
def test_few_therapists_are_not_counted(therapists):
    raw = variances(
        therapists=[therapists, 40], patients=[500, 700], sessions=[4000, 5000], events=[300, 90]
    )
    assert count_texts(publishable_therapist_table(raw, T), "therapists") == ["≤10", "40"]
