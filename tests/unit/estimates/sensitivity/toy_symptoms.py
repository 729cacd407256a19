"""Person-sessions in which symptoms guide rupture and repair, and dropout."""

import numpy as np
import pandas as pd

STATES = ["intact", "unrepaired", "repaired"]


def confounded(
    seed: int,
    patients: int,
    sessions: int = 10,
    effect: float = 0.0,
    strength: float = 1.2,
    base: float = -4.0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Risk set and symptom scores.

    Symptoms follow a random walk with decay. They make ruptures more and repairs less likely, and
    dropout more likely, each by `strength` log odds an SD; a repaired rupture changes the log odds
    of dropout by `effect`, an open one by nothing.
    """
    rng = np.random.default_rng(seed)
    symptom, state = np.zeros((patients, sessions)), np.zeros((patients, sessions), dtype=int)
    level, now = rng.standard_normal(patients), np.zeros(patients, dtype=int)
    for t in range(sessions):
        level = 0.8 * level + 0.6 * rng.standard_normal(patients)
        odds = np.where(now == 1, -0.5 - strength * level, -1.2 + strength * level)
        happens = rng.random(patients) < 1 / (1 + np.exp(-odds))
        now = np.where(happens, np.where(now == 1, 2, 1), now)
        symptom[:, t], state[:, t] = level, now
    odds = base + strength * symptom + effect * (state == 2)
    drop = rng.random((patients, sessions)) < 1 / (1 + np.exp(-odds))
    last = np.where(drop.any(axis=1), drop.argmax(axis=1), sessions - 1)
    patient, t = np.nonzero(np.arange(sessions) <= last[:, None])
    ids = np.array([f"p{i:06d}" for i in range(patients)])
    rows = pd.DataFrame(
        {
            "patient_id": pd.Categorical.from_codes(patient, ids),
            "therapist_id": pd.Categorical.from_codes(
                patient % 50, [f"t{i:02d}" for i in range(50)]
            ),
            "session": t + 1,
            "time": t + 1,
            "definition": "drop_rci",
            "repair_rule": "psq_resolved",
            "state": pd.Categorical.from_codes(state[patient, t], STATES),
            "testable": True,
            "x_severity": rng.standard_normal(patients)[patient],
            "dropout": (drop[patient, t] & (t == last[patient])).astype(int),
            "event": np.where(drop[patient, t] & (t == last[patient]), "dropout", "none"),
            "at_risk": True,
        }
    )
    scores = pd.DataFrame(
        {"patient_id": ids[patient], "session": t + 1, "symptom": 10 + 4 * symptom[patient, t]}
    )
    return rows, scores
