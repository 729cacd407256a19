"""Tables read back are what was published, in the types that their product declares."""

import re

import pandas as pd

from rupture_outcome.look.look import Look
from rupture_outcome.products.registry import tables


def flow(patients: list[object]) -> pd.DataFrame:
    steps = {"step": ["read", "clean"], "reason": [None, "entered_twice"], "sessions": [700, 690]}
    return pd.DataFrame({**steps, "patients": patients, "removed_patients": 0}).assign(
        removed_sessions=[0, 10]
    )


def test_small_counts_come_back_small_and_texts_as_they_were(publish):
    shown = publish("flow", Look(threshold=10), frame=flow([604, 7]))
    assert shown["patients"].tolist() == [600, -10]
    assert str(shown["patients"].dtype) == "Int64"
    assert shown["reason"].isna().tolist() == [True, False]
    assert shown["reason"].iloc[1] == "entered_twice"


def test_a_column_without_any_count_is_still_one_of_counts(publish):
    shown = publish("flow", Look(), frame=flow([None, None]))
    assert shown["patients"].isna().all()
    assert str(shown["patients"].dtype) == "Int64"


def test_every_p_value_is_declared_as_one():
    declared = [column for one in tables().values() for column in one.columns]
    named = {c.name for c in declared if re.fullmatch(r"(.*_)?p(_value|_holm)?", c.name)}
    assert named == {c.name for c in declared if c.kind == "p"}
