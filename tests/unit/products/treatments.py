"""Six kinds of patients, twenty of each, with a rupture at session 3 in three kinds."""

import numpy as np
import pandas as pd

from tests.unit.products.looks import PRIMARY

KINDS = ["repaired", "not_repaired", "censored", "none", "none", "several"]
ENDINGS = ["completed", "agreed", "dropout", "completed", "dropout", "completed"]


def study() -> dict[str, pd.DataFrame]:
    """Sessions, episodes, ruptures, states and endings."""
    rng = np.random.default_rng(1)
    sessions, episodes, ruptures, states, ended = [], [], [], [], []
    for p in range(120):
        kind, name = KINDS[p % 6], f"P{p:03d}"
        last = 6 if ENDINGS[p % 6] == "dropout" else 9
        onsets = {"none": [], "several": [3, 7]}.get(kind, [3])
        for s in range(1, last + 1):
            score = 50 - 15 * (s in onsets) + rng.integers(-2, 3)
            sessions.append((name, s, int(s != 2), float(score) if s != 2 else np.nan, 10.0))
            verdict = "detected" if s in onsets else "not_detected"
            ruptures.append((name, s, *PRIMARY.values(), verdict))
            mended = s >= 5 and kind in ("repaired", "several") and s != 7
            state = "intact" if not onsets or s < 3 else "repaired" if mended else "unrepaired"
            states.append((name, s, *PRIMARY.values(), state))
        fate = "repaired" if kind == "several" else kind
        episodes += [(name, *PRIMARY.values(), onset, fate) for onset in onsets]
        ended.append((name, ENDINGS[p % 6]))
    keys = ["definition", "repair_rule"]
    scores = ["patient_id", "session", "attended", "alliance_patient", "symptom"]
    return {
        "sessions": pd.DataFrame(sessions, columns=scores).assign(
            therapist_id=lambda rows: "T" + rows["patient_id"].str[-1]
        ),
        "episodes": pd.DataFrame(episodes, columns=["patient_id", *keys, "onset", "repair"]),
        "ruptures": pd.DataFrame(ruptures, columns=["patient_id", "session", *keys, "verdict"]),
        "states": pd.DataFrame(states, columns=["patient_id", "session", *keys, "state"]),
        "endings": pd.DataFrame(ended, columns=["patient_id", "ending"]),
    }
