"""Figures of the multistate model, from tidy and from thinned tables."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.multistate.products import multistate
from rupture_outcome.figures import repair_what_if, state_occupancy
from rupture_outcome.publishable.states import publishable_occupancy
from rupture_outcome.publishable.transitions import publishable_what_if
from tests.unit.estimates.multistate.test_multistate_products import MODELS
from tests.unit.figures.figure_texts import overlapping, texts
from tests.unit.toy_sessions import toy_sessions

T = 10
STUDIES = {
    "tidy": (toy_sessions(patients=600), True),
    "thinned": (toy_sessions(patients=600), False),
    "few": (toy_sessions(patients=10), False),
    "untested": (toy_sessions(patients=100).assign(testable=False), True),
}


@pytest.fixture(scope="module", params=STUDIES)
def tables(request, tmp_path_factory):
    """As they are read from the files."""
    rows, full = STUDIES[request.param]
    frames = multistate(rows, MODELS | {"horizon": 12}, np.random.default_rng(1)).frames
    occupancy = publishable_occupancy(frames["state_occupancy"], T, full=full)
    what_if = publishable_what_if(frames["repair_what_if"], occupancy, T)
    folder, read = tmp_path_factory.mktemp(request.param), []
    for i, frame in enumerate((occupancy, what_if)):
        frame.to_csv(folder / f"{i}.csv", index=False)
        read.append(pd.read_csv(folder / f"{i}.csv"))
    return request.param, *read


def test_occupancy_is_drawn_without_overlap(tables):
    study, occupancy, _ = tables
    figure = state_occupancy.occupancy_figure(occupancy, simulated=True)
    said = " ".join(texts(figure))
    assert "Simulated data" in said
    assert not overlapping(figure)
    assert ("Agreed ending, " in said) == (study == "tidy") or study == "thinned"
    assert ("withheld or not estimable" in said) == (study in ("few", "untested"))
    assert ("points are joined by lines" in said) == (study == "thinned")


def test_what_if_is_drawn_without_overlap(tables):
    study, _, what_if = tables
    figure = repair_what_if.what_if_figure(what_if, simulated=True)
    said = " ".join(texts(figure))
    assert "Assumed: therapists cause" in said
    assert not overlapping(figure)
    assert ("not estimable" in said) == (study in ("few", "untested"))


def test_alternative_texts(tables):
    study, occupancy, what_if = tables
    told = state_occupancy.alt_text(occupancy), repair_what_if.alt_text(what_if)
    assert "nan" not in " ".join(told)
    assert all(("not estimable" in text) == (study in ("few", "untested")) for text in told)
