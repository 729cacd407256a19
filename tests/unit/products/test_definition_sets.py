"""The UpSet figure: one column a published set."""

import pandas as pd

from rupture_outcome.products.definition_sets import MOST, NOTHING, alt_text, draw_sets, shown_sets
from tests.unit.figure_texts import NAMES, overlapping, texts
from tests.unit.products.looks import REAL, SIMULATED


def sets(rows: list[tuple[str, int]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["detected_by", "sessions"]).astype({"sessions": "Int64"})
    share = table["sessions"].astype(float) / 2000
    n = pd.Series(2000, index=table.index, dtype="Int64")
    return table.assign(definitions=1, patients=20, share=share, n=n, compared=" + ".join(NAMES))


def upset(table, look=REAL):
    return draw_sets({"detected_by": table}, look).figure


MIXED = [
    *(("none", 1500), ("psq_patient", 200), ("drop_sd + drop_rci", 60)),
    *(("other", 190), ("drop_sd + drop_rci + change_point", 50)),
]


def test_sets_stand_in_order_with_the_joined_ones_last():
    shown = shown_sets(sets(MIXED))["detected_by"].tolist()
    assert shown[0] == "psq_patient"
    assert shown[-1] == "other"
    assert "none" not in shown


def test_no_text_overlaps_and_sessions_are_given():
    figure = upset(sets(MIXED), SIMULATED)
    assert overlapping(figure) == []
    assert {"200", "60", "50", "190", "all other sets", "Simulated data"} <= set(texts(figure))
    assert any("75% of them none" in text for text in texts(figure))


def test_not_more_columns_than_can_be_read():
    many = [
        (f"{a} + {b}", 100 - i)
        for i, (a, b) in enumerate(zip(NAMES * 3, NAMES[1:] * 3, strict=False))
    ]
    figure = upset(sets(many))
    assert len(shown_sets(sets(many))) == MOST
    assert any("the table has all" in text for text in texts(figure))
    assert overlapping(figure) == []


def test_alt_text_leads_with_the_most_frequent_set():
    assert "Most frequent sets: Rupture reported by patient: 200 sessions;" in alt_text(sets(MIXED))


def test_nothing_to_show_is_said():
    empty = sets([])
    assert NOTHING in texts(upset(empty))
    assert alt_text(empty) == NOTHING
