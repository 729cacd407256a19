"""Tables of hazard models and of predicted hazards."""

import html
import re

from rupture_outcome.publishable.hazards import publishable_hazards
from rupture_outcome.tables.hazard_models import margins_table, models_table
from tests.unit.fake_hazards import PRIMARY, fake_margins, fake_models


def words(table: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", table)))


def test_every_model_is_named_with_its_contrasts():
    shown = words(models_table(publishable_hazards(fake_models(), 10), PRIMARY, simulated=True))
    assert "Simulated data" in shown
    assert "Only sessions that could be tested" in shown
    assert "Other link: hazard ratio" in shown
    assert "repaired against unrepaired 0.52 0.32 to 0.86 p = 0.060 (2 df) 580 6,200 119" in shown
    assert shown.count("not estimable: the definition does not tell kinds of rupture apart") == 3
    assert "withheld" not in shown


def test_what_is_withheld_is_marked_and_explained():
    raw = fake_models()
    raw.loc[:2, ["events", "fewest_events"]] = 8
    shown = words(models_table(publishable_hazards(raw, 10), PRIMARY))
    assert shown.count("withheld: too few patients or events") == 3
    assert "≤10: a count of 1 to 10 withheld" in shown


def test_chances_are_in_per_cent_and_differences_in_points():
    shown = words(margins_table(publishable_hazards(fake_margins(), 10), PRIMARY, simulated=True))
    assert "Rupture, repaired 1.30 [0.78, 1.82]" in shown
    assert "repaired against unrepaired −1.20 [−1.68, −0.72] 0.52 [0.31, 0.73]" in shown
    assert "Sessions as a smooth curve" not in shown  # the curve is drawn, not listed


def test_empty_tables_are_written():
    models = publishable_hazards(fake_models().iloc[:0], 10)
    margins = publishable_hazards(fake_margins().iloc[:0], 10)
    assert "repair and dropout under other models" in models_table(models, PRIMARY)
    assert "Chance of ending after a session" in margins_table(margins, PRIMARY)
