"""A session is a rupture where it is on the far side of its definition's line."""

import numpy as np
import pandas as pd
import pytest

from rupture_outcome.coding.detect import apply, estimate
from rupture_outcome.coding.inputs import build_panel, chosen_definitions
from rupture_outcome.coding.markers import marker_column

INSTRUMENTS = {
    measure: {"measures": measure, "range": [12, 60], "direction": 1, "reliability": 0.9}
    for measure in ("alliance_patient", "alliance_therapist")
}
RNG = np.random.default_rng(8)
KEYS = pd.MultiIndex.from_product([range(40), range(1, 11)], names=["patient_id", "session"])
SESSIONS = KEYS.to_frame(index=False).astype({"patient_id": "str"})
SESSIONS["alliance_patient"] = np.clip(np.rint(RNG.normal(45, 7, len(SESSIONS))), 12, 60)
SESSIONS["alliance_therapist"] = np.clip(np.rint(RNG.normal(42, 7, len(SESSIONS))), 12, 60)
SESSIONS[marker_column("withdrawal", "any", "session", None)] = RNG.integers(0, 4, len(SESSIONS))
MARKERS = {"kind": "withdrawal", "least": 1.5}


@pytest.mark.parametrize(
    ("name", "given", "side"),
    [
        ("drop_sd", {}, np.less_equal),
        ("drop_rci", {}, np.less_equal),
        ("discrepancy", {}, np.less_equal),
        ("running_chart", {}, np.less),
        ("observer_markers", MARKERS, np.greater_equal),
    ],
)
def test_detected_are_those_beyond_the_line(name, given, side):
    [chosen] = chosen_definitions({"definitions": {name: given}})
    [column] = chosen.rule.columns(chosen.parameters)
    panel = build_panel(SESSIONS, None, INSTRUMENTS, {}, [column])
    constants = {key: one.value for key, one in estimate(panel, chosen, INSTRUMENTS).items()}
    verdicts = apply(panel, chosen, constants)
    limit = chosen.limit(panel, constants)
    clear = verdicts.testable & (np.abs(panel[column] - limit) > 1e-9)
    assert clear.sum() > 200
    beyond = side(panel[column], limit)
    np.testing.assert_array_equal(verdicts.detected[clear], beyond[clear])
    assert verdicts.detected.any()
