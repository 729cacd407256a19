import math

import numpy as np
import pytest

from rupture_outcome.coding.scales import (
    first_session_sd,
    instrument_of,
    reliable_change,
    sample_sd,
    within_person_sd,
)
from tests.unit.coding.toy_series import INSTRUMENTS, panel_of, study


@pytest.mark.parametrize(
    ("sd", "reliability", "published"),
    # worked examples of the index with the √2, to all digits known
    [(10.5, 0.961, 5.747681), (6.396073, 0.931, 4.65703)],
)
def test_reliable_change_thresholds(sd, reliability, published) -> None:
    assert reliable_change(sd, reliability) == pytest.approx(published, abs=5e-6)


def test_spreads_by_hand() -> None:
    panel = panel_of(study({"a": [10, 14], "b": [20, None, 26], "c": [40]}))
    score = panel["alliance_patient"]
    # squares around own means: 2·2² and 2·3²; four scores less two means
    assert within_person_sd(panel, score).value == pytest.approx(math.sqrt((8 + 18) / 2))
    assert within_person_sd(panel, score).n == 4
    assert sample_sd(panel, score).value == pytest.approx(np.std([10, 14, 20, 26, 40], ddof=1))
    assert first_session_sd(panel, score).value == pytest.approx(np.std([10, 20, 40], ddof=1))
    assert first_session_sd(panel, score).n == 3


def test_what_cannot_be_estimated_is_missing() -> None:
    panel = panel_of(study({"a": [10], "b": [None]}))
    score = panel["alliance_patient"]
    for spread in (within_person_sd, sample_sd, first_session_sd):
        assert math.isnan(spread(panel, score).value)


def test_an_instrument_is_found_by_what_it_measures_or_by_its_subscale() -> None:
    instruments = {**INSTRUMENTS}
    instruments["wai"] = {**instruments["wai"], "subscales": {"bond": ["wai_03", "wai_05"]}}
    whole, bond = (instrument_of(c, instruments) for c in ("alliance_patient", "wai_bond"))
    assert (whole.low, whole.high, whole.reliability) == (12, 60, 0.92)
    assert (bond.low, bond.high, bond.reliability) == (2, 10, None)
    assert instrument_of("symptom", instruments).direction == -1
    assert instrument_of("psq_patient_rupture", instruments).name is None
