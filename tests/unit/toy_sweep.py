"""A published sweep of two definitions over thresholds, and two cases, for tests of the widget."""

import pandas as pd

NAN = float("nan")
FEW = -10  # published as ≤10
SWEEP = pd.DataFrame(
    [
        ("drop_rci", "points", 5.0, 1000, 150, 0.15, 200.0, 90.0, 0.8, 0.9, False),
        ("drop_rci", "points", 6.9, 1000, 70, 0.07, 110.0, 30.0, 0.6, 0.96, True),
        ("drop_rci", "points", 9.0, 1000, FEW, NAN, 40.0, 5.0, 0.2, 0.99, False),
        ("psq_patient", "tension", 4.0, 1200, 400, 0.333, NAN, NAN, 0.9, 0.85, False),
        ("psq_patient", "tension", NAN, 1190, 300, 0.252, NAN, NAN, 0.8, 0.9, True),
        ("observer", "threshold", 3.0, 200, 50, 0.25, NAN, NAN, 0.5, 0.95, True),
    ],
    columns=[
        *("definition", "parameter", "value", "sessions_testable", "sessions_detected", "rate"),
        *("expected_by_chance", "expected_without_change", "sensitivity", "specificity"),
        "in_use",
    ],
)

# One letter a session: detected, not detected, not testable.
VERDICTS = {"d": "detected", "n": "not_detected", "t": "not_testable"}
SCORES = {1: [50, 42, 44, 36, NAN], 2: [30, 31, 30, 24, 33]}
CODES = {
    ("drop_rci", "points", 5.0): {1: "tdndt", 2: "tnndn"},
    ("drop_rci", "points", 6.9): {1: "tdndt", 2: "tnnnn"},
    ("drop_rci", "points", 9.0): {1: "tnnnt", 2: "tnnnn"},
    ("psq_patient", "tension", 4.0): {1: "nndnn", 2: "nnnnd"},
    ("psq_patient", "tension", NAN): {1: "nnnnn", 2: "nnnnd"},
    ("observer", "threshold", 3.0): {1: "ttttt", 2: "ttttt"},
}


def cases() -> pd.DataFrame:
    """Rows of two cases; session 3 was missed."""
    return pd.DataFrame(
        [
            (case, session, 1, score, *key, VERDICTS[letter])
            for key, codes in CODES.items()
            for case, letters in codes.items()
            for session, score, letter in zip((1, 2, 4, 5, 6), SCORES[case], letters, strict=True)
        ]
        + [(case, 3, 0, NAN, *key, None) for key in CODES for case in SCORES]
        + [(1, 1, 1, 50, "v_shape", None, NAN, "not_testable")],
        columns=[
            *("case", "session", "attended", "score"),
            *("definition", "parameter", "value", "verdict"),
        ],
    )
