"""An attack by standard errors on what would leave the example study, were it not simulated.

A squared error of a log ratio is about 1/d + 1/e of the events in its two arms, so that
v = (se²(ab) + se²(ac) - se²(bc)) / 2 tells the events 1/v of arm a: those after a repair, for
instance. Two models with arms of which one is part of the other then tell what lies between.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.disclosure import known
from rupture_outcome.look.look import Look
from rupture_outcome.pipeline.config import load
from rupture_outcome.products.registry import tables
from rupture_outcome.products.tables import published
from tests.running import EXAMPLE

THRESHOLD = 10
PARTS = {
    "time_of_repair": ("repaired_at_once", "repaired_later"),
    "repair_window": ("unrepaired_within_window", "unrepaired_beyond_window"),
}
ATTACKED = (
    *("hazard_models", "moderator_effects", "dropout_effects", "dropout_definition_effects"),
    "failure_effects",
)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def raw(example_results: Path) -> dict[str, dict[str, pd.DataFrame]]:
    names = (*ATTACKED, "state_sessions", "repair_outcomes", "hidden_state_reports")
    files = {name: tables()[name].raw.items() for name in names}
    return {
        name: {key: pd.read_parquet(example_results / file) for key, file in own}
        for name, own in files.items()
    }


@pytest.fixture(scope="module")
def shown(raw: dict[str, dict[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    config = load(EXAMPLE)
    look = replace(Look.of(config), threshold=THRESHOLD, simulated=False, settings={"truth": {}})
    return {name: published(tables()[name], frames, look) for name, frames in raw.items()}


def errors(rows: pd.DataFrame) -> dict[frozenset[str], float]:
    """Error of each pair of states, as far as it is shown."""
    rows = rows[rows["se"].notna() & rows["state_b"].fillna("").ne("")]
    pairs = map(frozenset, zip(rows["state_a"], rows["state_b"], strict=True))
    return dict(zip(pairs, rows["se"].astype(float), strict=True))


def events_told(rows: pd.DataFrame, beside: dict[str, float] | None = None) -> dict[str, float]:
    """Events of each state that the errors of one model tell, or those with another model's."""
    se, told = errors(rows), {}
    states = sorted({state for pair in se for state in pair})
    for a in states:
        for b, c in combinations([s for s in states if s != a], 2):
            pairs = [frozenset(pair) for pair in ((a, b), (a, c), (b, c))]
            if all(pair in se for pair in pairs):
                ab, ac, bc = (se[pair] ** 2 for pair in pairs)
                told[a] = 2 / (ab + ac - bc)
    for a, b in [(a, b) for pair in se for a, b in (tuple(pair), tuple(pair)[::-1])]:
        if a not in told and b in (beside or {}):
            told[a] = 1 / (se[frozenset((a, b))] ** 2 - 1 / (beside or {})[b])
    return told


def between(effects: pd.DataFrame) -> Iterator[tuple[str, str, float]]:
    """Events that an arm of the main model has more than one within it, by two models' errors."""
    main = events_told(effects[effects["model"].eq("main")])
    for model in ("tested_sessions", *PARTS):
        for state, events in events_told(effects[effects["model"].eq(model)], main).items():
            whole = main.get(state.partition("_")[0])
            if whole is not None:
                yield model, state, whole - events


def right(claims: Iterator[tuple[str, str, float]], truth: dict[str, dict[str, int]]) -> list[str]:
    """Claims of a small count that are true, to the person."""
    found = [(model, state, round(count)) for model, state, count in claims if np.isfinite(count)]
    return [
        f"{model}, {state}: {count}"
        for model, state, count in found
        if 1 <= count <= THRESHOLD and truth[model].get(state) == count
    ]


@pytest.fixture(scope="module")
def truth(example_results: Path, raw: dict[str, dict[str, pd.DataFrame]]) -> dict:
    """Dropouts between two arms, counted: in untested sessions, or in a state's smaller part."""
    rows = pd.read_parquet(
        example_results / "models/person_sessions.parquet",
        filters=primary_filter(load(EXAMPLE)["coding"]["primary"]),
    )
    untested = rows[rows["at_risk"] & ~rows["testable"]].groupby("state", observed=True)
    effects = raw["hazard_models"]["effects"]
    found = {"tested_sessions": untested["dropout"].sum().to_dict()}
    for model, parts in PARTS.items():
        own = effects[effects["model"].eq(model) & effects["state_a"].isin(parts)]
        [smaller] = own.loc[own["state_b"].isin(parts), "fewest_events"]
        found[model] = dict.fromkeys(parts, smaller)
    return found


def test_errors_at_full_precision_tell_how_many_left_between_two_models(raw, truth) -> None:
    assert right(between(raw["hazard_models"]["effects"]), truth)


def test_errors_that_leave_tell_no_small_count_between_two_models(shown, truth) -> None:
    assert right(between(shown["hazard_models"]), truth) == []


@pytest.mark.parametrize("name", ATTACKED)
def test_errors_that_leave_tell_no_arm_of_few(shown, name: str) -> None:
    codes = [
        c.name
        for c in tables()[name].columns
        if c.kind in ("code", "number") and c.name not in ("contrast", "state_a", "state_b")
    ]
    told = [events_told(part) for _, part in shown[name].groupby(codes, dropna=False)]
    ratios = [d for own in told for d in own.values() if np.isfinite(d) and d > 0]
    assert all(d > 0.5 * THRESHOLD for d in ratios)  # an adjusted error tells too few


def apart(effects: pd.DataFrame) -> dict[tuple[str, ...], int]:
    """Persons by whom an arm differs between two end points, as errors tell them; 0 left out."""
    ends = ["last_rating", "modelled"]
    keys = ["outcome", "analysis", "landmark", "method"]
    found = {}
    for key, part in effects.groupby(keys, dropna=False):
        first, second = (events_told(part[part["end_point"].eq(end)]) for end in ends)
        for state in first.keys() & second.keys():
            told = second[state] - first[state]
            if np.isfinite(told) and round(told):
                found[(*map(str, key), state)] = round(told)
    return found


def test_errors_that_leave_tell_nobody_who_is_judged_otherwise_by_a_model(raw, shown) -> None:
    """1/d + 1/(n − d) of the arms tells how many the two end points judge differently."""
    frame = raw["failure_effects"]["frame"]
    truth = {}
    for side in "ab":
        d, n = frame[f"events_{side}"], frame[f"patients_{side}"]
        arm = frame.assign(state=frame[f"state_{side}"], own=1 / (1 / d + 1 / (n - d)))
        keys = ["outcome", "analysis", "landmark", "method", "state"]
        for key, part in arm.groupby(keys, dropna=False):
            own = part.set_index("end_point")["own"].groupby(level=0).first()
            truth[tuple(map(str, key))] = own["modelled"] - own["last_rating"]

    def told(effects: pd.DataFrame) -> list[tuple[str, ...]]:
        return [key for key, count in apart(effects).items() if count == round(truth[key])]

    assert told(frame)
    assert told(shown["failure_effects"]) == []


def test_subgroups_that_are_withheld_are_not_told_by_all_and_the_others(raw, shown) -> None:
    """Where all and some subgroups are shown, the others together hold more than a few."""
    frame = raw["moderator_effects"]["frame"].reset_index(drop=True)
    keys = ["nested_in", "state_a", "state_b"]
    published_levels = shown["moderator_effects"].dropna(subset=["estimate"])
    everybody = frame[frame["level"].eq("all") & frame["moderator"].eq("all")].set_index(keys)
    for (moderator, *pair), part in published_levels.groupby(["moderator", *keys]):
        if moderator == "all":
            continue
        own = frame[frame["moderator"].eq(moderator) & frame["level"].isin(set(part["level"]))]
        own = own[np.logical_and.reduce([own[k].eq(v) for k, v in zip(keys, pair, strict=True)])]
        for side in ("events_first", "events_second"):
            rest = int(everybody.loc[tuple(pair), side]) - int(own[side].sum())
            assert not 1 <= rest <= THRESHOLD, (moderator, pair, side)


@pytest.mark.parametrize("name", ["state_sessions", "repair_outcomes", "hidden_state_reports"])
def test_what_lies_between_two_shown_counts_is_left_open(shown, name: str) -> None:
    """Counts are multiples of the threshold, and of few persons nothing is said to be nobody."""
    frame = shown[name]
    counted = [c for c in tables()[name].columns if c.kind == "count"]
    for column in counted:
        assert not (known(frame[column.name]) % THRESHOLD).gt(0).any()
        for whole in column.of:
            assert frame.loc[frame[whole].lt(0), column.name].lt(0).all()
