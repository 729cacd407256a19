"""What if of repair: its words, its drawing, and what it may say of single therapists."""

import re

import pytest

from rupture_outcome.products.repair_what_if import PRODUCT, draw_what_if, what_if_table
from rupture_outcome.products.tables import published
from tests.unit.figure_texts import overlapping, texts
from tests.unit.products.toy_states import REAL, STUDIES, raw_states, states


@pytest.mark.parametrize("study", STUDIES)
def test_what_if_is_drawn_without_overlap(study):
    drawing = draw_what_if(*states(study, "repair_what_if"))
    said = " ".join(texts(drawing.figure))
    assert "Assumed: therapists cause" in said
    assert not overlapping(drawing.figure)
    assert "nan" not in drawing.alt
    assert ("not estimable" in said) == (study in ("few", "untested"))
    assert ("not estimable" in drawing.alt) == (study in ("few", "untested"))


@pytest.mark.parametrize("study", STUDIES)
def test_what_if_names_its_assumptions(study):
    html = what_if_table(*states(study, "repair_what_if"))
    text = re.sub(r"<[^>]+>", " ", html.split("</style>")[-1])
    assert "nan" not in text.lower()
    assert "Assumed: therapists cause the differences in repair" in text
    assert "1.27 SD" in text


@pytest.mark.parametrize("basis", [{"therapists": 1}, {"patients": 8}, {"fewest_repairs": 9}])
def test_a_best_quarter_of_few_is_withheld(basis):
    raw = raw_states("real")["repair_what_if"]
    best = raw["scenario"].eq("best_quarter")
    few = raw.assign(**{c: raw[c].mask(best, float(n)) for c, n in basis.items()})
    numbers = ["estimate", "difference", "shift"]
    assert published(PRODUCT, {"frame": raw}, REAL).loc[best, numbers].notna().any().all()
    shown = published(PRODUCT, {"frame": few}, REAL)
    assert shown.loc[best, numbers].isna().all().all()
    assert shown.loc[~best, "estimate"].notna().any()
