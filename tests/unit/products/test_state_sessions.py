import pandas as pd

from rupture_outcome.products.state_sessions import sessions_table
from tests.unit.products.looks import PRIMARY, REAL, SIMULATED, words


def person_sessions():
    rows = pd.DataFrame({"patient_id": range(60), "at_risk": True, "testable": True, "dropout": 0})
    rows["state"] = ["intact", "unrepaired", "repaired"] * 20
    rows.loc[rows.index[:33], "dropout"] = 1
    other = rows.assign(**PRIMARY | {"repair_rule": "half_recovery"})
    return pd.concat([rows.assign(**PRIMARY), other])


def test_only_the_main_coding_is_counted_and_the_rate_is_that_of_what_is_shown(publish):
    table = publish("state_sessions", SIMULATED, person_sessions=person_sessions())
    assert table["sessions"].tolist() == [20, 20, 0] * 3
    assert table["rate"].dropna().unique().tolist() == [11 / 20]
    rounded = publish("state_sessions", REAL, person_sessions=person_sessions())
    assert rounded["dropouts"].tolist() == [10, 10, 0] * 3
    assert rounded["rate"].dropna().unique().tolist() == [0.5]


def test_the_table_names_states_and_says_that_sessions_are_at_risk(publish):
    table = publish("state_sessions", REAL, person_sessions=person_sessions())
    shown = words(sessions_table({"state_sessions": table}, REAL))
    assert "Rupture open" in shown
    assert "Sessions at risk of dropout" in shown
    assert "50.00%" in shown
