import numpy as np
import pandas as pd
import pytest

from rupture_outcome.estimates.agreement.definition_agreement import detected_by, widely_testable
from rupture_outcome.estimates.agreement.presence_counts import presence_counts


def ratings() -> pd.DataFrame:
    """Two raters, eight sessions: a says 3 in the first three, b in the first."""
    sessions = range(1, 9)
    parts = [
        pd.DataFrame(
            {
                "patient_id": "P1", "session": sessions, "rater_id": rater,
                "withdrawal": [3 if s <= present else 1 for s in sessions],
                "confrontation": 1, "resolution": np.nan,
            }
        )
        for rater, present in (("a", 3), ("b", 1))
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_marginals_and_fewest_by_hand() -> None:
    table = presence_counts(ratings(), thresholds=[3]).set_index(["measure", "model"])
    both = table.loc[("withdrawal", "two_raters")]
    assert both[["present_low", "present_high"]].tolist() == [1 / 8, 3 / 8]
    assert both["fewest"] == 1  # b says present once; two sessions are disputed
    assert table.loc[("confrontation", "two_raters"), "fewest"] == 8  # all absent; 0 may be shown
    nobody = table.loc[("resolution", "exchangeable_raters"), ["present_low", "fewest"]]
    assert nobody.isna().all()


def test_without_ratings_there_is_nothing_to_count() -> None:
    assert presence_counts(ratings().iloc[:0])["fewest"].isna().all()


@pytest.mark.parametrize(("least", "kept"), [(0.25, ["wide"]), (0.0, ["wide", "narrow"])])
def test_definitions_that_see_few_sessions_do_not_narrow_the_sets(least, kept) -> None:
    ruptures = pd.DataFrame(
        {
            "patient_id": "P1", "session": [*range(10)] * 2,
            "definition": ["wide"] * 10 + ["narrow"] * 10,
            "verdict": ["not_detected"] * 10 + ["detected"] * 2 + ["not_testable"] * 8,
        }
    )  # fmt: skip
    wide = widely_testable(ruptures, least=least)
    assert list(pd.unique(wide["definition"])) == kept
    assert detected_by(wide)["n"].iloc[0] == (10 if kept == ["wide"] else 2)
