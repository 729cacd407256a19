"""A study in which every definition of dropout has something to find."""

import numpy as np
import pandas as pd

INSTRUMENTS = {
    "phq9": {"measures": "symptom", "range": [0, 27], "direction": -1, "reliability": 0.86}
}
PRIMARY = {"definition": "psq_patient", "repair_rule": "psq_resolved"}


def toy_tables(seed=1, patients=300, therapists=12, planned=10, hazard=0.06):
    """Tables of a study: sessions, patients, endings, states and ruptures."""
    rng = np.random.default_rng(seed)
    leaves = rng.random((patients, planned)) < hazard
    leaves[:, -1] = False
    last = np.where(leaves.any(axis=1), leaves.argmax(axis=1), planned - 1) + 1
    left = last < planned
    agreed = left & (rng.random(patients) < 0.2)
    ongoing = left & ~agreed & (rng.random(patients) < 0.1)
    ids = np.array([f"p{i:04d}" for i in range(patients)])
    patient = np.repeat(np.arange(patients), last)
    session = np.concatenate([np.arange(1, n + 1) for n in last])
    therapist = np.array([f"t{i % therapists}" for i in range(patients)])
    level = rng.normal(15, 5, patients)
    symptom = level[patient] - 0.6 * session + rng.normal(0, 2, len(patient))
    sessions = pd.DataFrame(
        {
            "patient_id": ids[patient],
            "session": session,
            "day": 7 * session,
            "attended": 1,
            "therapist_id": therapist[patient],
            "symptom": symptom,
        }
    )
    state = rng.choice(["intact", "unrepaired", "repaired"], len(patient), p=[0.5, 0.3, 0.2])
    ending = np.select([agreed, ongoing, left], ["agreed", "ongoing", "dropout"], "completed")
    judged = pd.array(np.where(left, 1, 0), dtype="Int64")
    judged[rng.random(patients) < 0.1] = pd.NA
    keys = sessions[["patient_id", "session"]]
    return {
        "sessions": sessions,
        "patients": pd.DataFrame(
            {
                "patient_id": ids,
                "therapist_id": therapist,
                "planned_sessions": planned,
                "severity": level,
            }
        ),
        "endings": pd.DataFrame(
            {
                "patient_id": ids,
                "ending": ending,
                "therapist_judged_dropout": judged,
                "missed_last_appointment": (left & ~agreed).astype(int),
            }
        ),
        "states": keys.assign(**PRIMARY, state=state),
        "ruptures": keys.assign(definition=PRIMARY["definition"], verdict="not_detected"),
    }
