"""Numbers at risk beneath a curve."""

import pandas as pd

from rupture_outcome.look.curves import at_risk_texts


def test_numbers_at_risk_stand_at_ticks_and_end_with_the_first_small_one():
    at_risk = pd.array([90, 90, None, 60, -10, -10], dtype="Int64")
    curve = pd.DataFrame({"session": [4, 5, 6, 9, 12, 14], "at_risk": at_risk})
    assert at_risk_texts(curve, [4, 6, 9, 12, 14]) == [(4, "90"), (9, "60"), (12, "≤10")]
