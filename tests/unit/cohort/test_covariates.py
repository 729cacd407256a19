import pandas as pd

from rupture_outcome.cohort.covariates import standardised
from rupture_outcome.cohort.risk_set import person_sessions
from tests.unit.toy_treatments import toy_tables


def test_arguments_stay_what_they_are():
    held = pd.DataFrame({"patient_id": ["a", "b"], "x_age": [30, 50], "x_site": ["n", "s"]})
    before = held.copy()
    assert standardised(held, ["x_age", "x_site"])["x_age"].tolist() != [30, 50]
    pd.testing.assert_frame_equal(held, before)


def test_the_risk_set_changes_no_table_and_keeps_severity_apart_from_its_z_score():
    tables = toy_tables()
    before = {name: table.copy() for name, table in tables.items()}
    rows, _ = person_sessions(**tables, dropout_definition="recorded_ending")
    assert "severity" not in rows
    assert abs(rows.drop_duplicates("patient_id")["x_severity"].mean()) < 1e-9
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])
