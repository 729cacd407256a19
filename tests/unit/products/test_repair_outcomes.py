import pandas as pd

from tests.unit.products.looks import PRIMARY, REAL, SIMULATED, words


def episodes():
    rows = pd.DataFrame({**PRIMARY, "repair": ["repaired"] * 30 + ["not_repaired"] * 15})
    rows["sessions_to_repair"] = pd.array([0] * 18 + [2] * 12 + [None] * 15, dtype="Int64")
    return rows


def test_ruptures_are_counted_by_what_became_of_them(publish):
    table = publish("repair_outcomes", SIMULATED, episodes=episodes())
    assert table["ruptures"].tolist() == [18, 12, 15, 0]
    assert table["share"].tolist() == [0.4, 12 / 45, 15 / 45, 0]
    rounded = publish("repair_outcomes", REAL, episodes=episodes())
    assert rounded["ruptures"].tolist() == [20, 10, 20, 0]


def test_the_table_says_what_became_of_them(publish):
    from rupture_outcome.products.repair_outcomes import outcomes_table

    table = publish("repair_outcomes", REAL, episodes=episodes())
    assert "Repaired in the session of the rupture" in words(
        outcomes_table({"repair_outcomes": table}, REAL)
    )
