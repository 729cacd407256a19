"""Tables of the multistate model say what they rest on and what is missing."""

import re

import numpy as np
import pytest

from rupture_outcome.estimates.multistate.products import multistate
from rupture_outcome.publishable.states import publishable_occupancy
from rupture_outcome.publishable.transitions import (
    publishable_hazards,
    publishable_times,
    publishable_what_if,
)
from rupture_outcome.tables.state_occupancy import occupancy_table, probability_table
from rupture_outcome.tables.state_transitions import hazard_table, time_table, what_if_table
from tests.unit.estimates.multistate.test_multistate_products import MODELS
from tests.unit.toy_sessions import toy_sessions

T = 10


def published(rows, full):
    frames = multistate(rows, MODELS, np.random.default_rng(1)).frames
    occupancy = publishable_occupancy(frames["state_occupancy"], T, full=full)
    return [
        occupancy,
        publishable_occupancy(frames["transition_probabilities"], T, full=full),
        publishable_hazards(frames["transition_hazards"], T, full=full),
        publishable_times(frames["time_in_state"], rows["patient_id"].nunique(), T),
        publishable_what_if(frames["repair_what_if"], occupancy, T),
    ]


TABLES = (occupancy_table, probability_table, hazard_table, time_table, what_if_table)
ROWS = toy_sessions(patients=400)


@pytest.fixture(scope="module")
def shown():
    return published(ROWS, full=True)


def text_of(html):
    return re.sub(r"<[^>]+>", " ", html.split("</style>")[-1])


@pytest.mark.parametrize("place", range(5))
def test_tables_are_laid_out(shown, place):
    html = TABLES[place](shown[place], simulated=True)
    assert html == TABLES[place](shown[place], simulated=True)
    text = text_of(html)
    assert "Simulated data" in text
    assert "Fall in alliance beyond reliable change" in text
    assert "nan" not in text.lower()


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("rows", [ROWS.head(1), ROWS.head(60), ROWS.assign(testable=False)])
def test_what_is_missing_is_marked(rows, full):
    for table, frame in zip(TABLES, published(rows, full), strict=True):
        text = text_of(table(frame))
        assert "nan" not in text.lower()
        assert "&#8211;" in text or "not estimable" in text.lower() or frame.empty


def test_what_if_names_its_assumptions(shown):
    text = text_of(what_if_table(shown[4]))
    assert "Assumed: therapists cause the differences in repair" in text
    assert "1.27 SD" in text
