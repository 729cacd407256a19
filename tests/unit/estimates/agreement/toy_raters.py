"""Small tables of observer ratings, markers and verdicts."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)


def ratings_of(table: np.ndarray, per_patient: int = 1, **columns: np.ndarray) -> pd.DataFrame:
    """Sessions by raters as a long table, the same ratings on all three scales."""
    n, k = table.shape
    row, rater = np.divmod(np.arange(n * k), k)
    frame = pd.DataFrame(
        {
            "patient_id": [f"p{i // per_patient:03}" for i in row],
            "session": row % per_patient + 1,
            "rater_id": [f"R{j + 1}" for j in rater],
        }
    )
    for scale in ("withdrawal", "confrontation", "resolution"):
        frame[scale] = table.ravel()
    return frame.loc[~np.isnan(table.ravel())].assign(session_minutes=50.0, segment_minutes=5.0)


def markers_of(*rows: tuple[str, int, int, str, str, str | None, str, float]) -> pd.DataFrame:
    names = ["patient_id", "session", "segment", "rater_id", "kind", "party", "code", "salience"]
    frame = pd.DataFrame(list(rows), columns=names)
    return frame.astype({"session": "int64", "segment": "int64", "salience": "float64"})


LETTERS = {"+": "detected", "-": "not_detected", "?": "not_testable"}


def verdicts_of(definitions: Mapping[str, Mapping[str, Sequence[str]]]) -> pd.DataFrame:
    """Verdicts by definition and patient, one letter a session: + - ?"""
    return pd.DataFrame(
        [
            {"patient_id": p, "session": s, "definition": d, "verdict": LETTERS[letter]}
            for d, patients in definitions.items()
            for p, letters in patients.items()
            for s, letter in enumerate(letters, 1)
        ]
    )
