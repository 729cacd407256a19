"""Small tables of the simulated world, as they are published."""

import pandas as pd

ROWS = [
    # true, naive, landmark, hazard
    (0.5, 0.11, 0.88, 0.50),
    (1.0, 0.18, 1.01, 1.00),
    (2.0, 0.32, 1.10, 2.03),
]
EFFECTS = pd.DataFrame(
    [
        {
            "true_ratio": truth,
            "analysis": analysis,
            "patients": 600,
            "replicates": 500,
            "ratio": ratio,
            "ratio_low": ratio * 0.7,
            "ratio_high": ratio * 1.4,
            "coverage": {"naive": 0.0, "hazard": 0.95}.get(analysis),
            "coverage_error": {"naive": 0.0, "hazard": 0.01}.get(analysis),
            "excludes_one": 1.0 if analysis == "naive" else 0.05,
            "excludes_one_error": 0.01,
        }
        for truth, *ratios in ROWS
        for analysis, ratio in zip(("naive", "landmark", "hazard"), ratios, strict=True)
    ]
)
SESSIONS = pd.DataFrame(
    {
        "counted": ["by_patient", "by_patient", "by_session", "by_session"],
        "group": ["ever_repaired", "never_repaired", "repaired", "unrepaired"],
        "share": [0.86, 0.14, None, None],
        "dropout": [0.23, 0.62, None, None],
        "length": [14.7, 10.0, None, None],
        "before_rupture": [3.5, 6.4, None, None],
        "before_repair": [2.9, 3.6, None, None],
        "after_repair": [8.3, 0.0, None, None],
        "misplaced": [0.435, 0.0, None, None],
        "dropout_per_100": [1.6, 6.4, 3.0, 3.0],
    }
)
COURSES = pd.DataFrame(
    [
        (1, "ever_repaired", 1, "intact", True, "agreed_ending"),
        (1, "ever_repaired", 2, "unrepaired", True, "agreed_ending"),
        (1, "ever_repaired", 3, "repaired", False, "agreed_ending"),
        (2, "never_repaired", 1, "unrepaired", False, "dropout"),
    ],
    columns=["course", "group", "session", "state", "misplaced", "ending"],
)
