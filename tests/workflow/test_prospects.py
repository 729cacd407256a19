"""What check expects of the main effect is what the model then finds."""

from pathlib import Path

import pandas as pd

from rupture_outcome.estimates.prospects import expected_precision

HEADLINE = "repaired vs unrepaired"


def test_the_expected_error_is_close_to_the_models(example_results: Path) -> None:
    rows = pd.read_parquet(example_results / "models/person_sessions.parquet")
    effects = pd.read_parquet(example_results / "models/hazard_effects.parquet")
    shares = []
    for row in effects[effects["se"].notna()].to_dict("records"):
        primary = {key: row[key] for key in ("definition", "repair_rule")}
        expected = expected_precision(rows, primary)
        pair = expected["first"] + " vs " + expected["second"]
        [se] = expected.loc[pair.eq(row["contrast"]), "se"]
        shares.append((row["contrast"], se / row["se"]))
    found = pd.DataFrame(shares, columns=["contrast", "share"]).set_index("contrast")["share"]
    assert len(found) >= 36
    # The cells know of neither sessions, covariates nor therapists, by which the model's errors are
    # larger, nor of units, which move them by up to 15 % either way in single definitions.
    assert found.between(0.75, 1.05).all()
    assert found[HEADLINE].between(0.94, 1.02).all()
