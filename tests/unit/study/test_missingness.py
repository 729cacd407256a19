"""Missing values are counted by measure and by how far treatment was."""

import pandas as pd

from rupture_outcome.study.missingness import missingness

WAI = {"wai": {"measures": "alliance_patient"}}


def test_bands_add_up_and_missed_sessions_do_not_count() -> None:
    frame = pd.DataFrame(
        {
            "patient_id": ["a"] * 6 + ["b"],
            "session": [1, 2, 3, 4, 5, 6, 1],
            "attended": [1, 0, 1, 1, 1, 1, 1],
            "alliance_patient": [50.0, None, None, 48, None, 47, None],
            "psq_patient_rupture": [0, None, 1, 0, 0, None, 0],
            "psq_patient_resolution": [None, None, 3, None, None, None, None],
        }
    )
    found = missingness(frame, WAI)
    of = found[found["measure"].eq("alliance_patient")]
    assert of["first"].tolist() == [1, 2, 4]
    assert of["sessions"].tolist() == [2, 2, 2]
    assert of["missing"].tolist() == [1, 1, 1]
    assert of["last"].tolist() == [1, 3, 8]
    assert found.groupby("measure")["sessions"].sum().eq(6).all()
    # asked after a rupture only: not to answer is no gap
    assert "psq_patient_resolution" not in set(found["measure"])
