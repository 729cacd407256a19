from rupture_outcome.tables.immortal_time import person_time_table, ratios_table
from tests.unit.toy_worlds import EFFECTS, SESSIONS


def test_worlds_head_groups_of_analyses():
    html = ratios_table(EFFECTS)
    assert ratios_table(EFFECTS) == html
    assert "Simulated world" in html
    assert "500 studies of 600 patients" in html
    assert html.count("True odds ratio") == 3
    assert "95.0% (1.0%)" in html
    assert "nan" not in html.replace("nance", "")


def test_without_worlds_there_is_an_empty_table():
    assert "Simulated world" in ratios_table(EFFECTS.iloc[:0])


def test_sessions_are_counted_in_two_ways():
    html = person_time_table(SESSIONS)
    for text in ("Rupture ever repaired", "Rupture, repaired", "naive", "44%", "6.4"):
        assert text in html
