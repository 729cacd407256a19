"""Transitions between states and time in them: tables say what they rest on."""

import re

import pytest

from rupture_outcome.products.registry import products
from rupture_outcome.products.tables import published
from tests.unit.products.toy_states import STUDIES, raw_states, states

NAMES = ("transition_probabilities", "transition_hazards", "time_in_state")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("study", STUDIES)
def test_tables_are_laid_out(name, study):
    tables, look = states(study, name)
    html = products()[name].lay_out(tables, look)
    text = re.sub(r"<[^>]+>", " ", html.split("</style>")[-1])
    assert "nan" not in text.lower()
    assert ("Counts are rounded" in text) == (study in ("real", "few"))
    assert study in ("real", "few") or "&#8211;" not in text


def test_transitions_of_a_real_study_are_rounded():
    shown = states("real", "transition_hazards")[0]["transition_hazards"]
    exact = raw_states("real")["transition_hazards"]
    assert (shown["events"].abs() % 10 == 0).all()
    few = exact["events"].between(1, 10)
    assert few.any()
    assert shown.loc[few, "events"].eq(-10).all()
    assert shown.loc[few, "estimate"].isna().all()


def test_odds_ratio_is_given_with_its_test_or_not_at_all():
    product = products()["time_in_state"]
    assert {"events", "without"} <= {column.name for column in product.columns}
    exact = raw_states("real")["time_in_state"]
    ratio = exact["measure"].eq("odds_ratio_per_session_open")
    assert exact.loc[ratio, "events"].gt(10).all()
    few = exact.assign(events=exact["events"].mask(ratio, 7.0))
    shown = published(product, {"frame": few}, STUDIES["real"][1])
    assert shown.loc[ratio, "estimate"].isna().all()
    assert shown.loc[ratio, "reason"].eq("").all()
    kept = published(product, {"frame": exact}, STUDIES["real"][1])
    assert kept.loc[ratio, "reason"].str.startswith("markov_test:").all()
