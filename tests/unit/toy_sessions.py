"""Person-sessions with known effects, for tests of the models around the hazard engine."""

import numpy as np
import pandas as pd

STATES = ["intact", "unrepaired", "repaired"]


def toy_sessions(
    seed=1,
    patients=400,
    therapists=20,
    sessions=12,
    base=-3.2,
    effects=(0.0, 0.8, -0.1),
    definition="drop_rci",
    repair_rule="psq_resolved",
):
    """A patient's alliance ruptures, is repaired, ruptures again; dropout depends on the state."""
    rng = np.random.default_rng(seed)
    state = np.zeros((patients, sessions), dtype=int)
    draw = rng.random((patients, sessions))
    for t in range(1, sessions):
        before = state[:, t - 1]
        repair = (before == 1) & (draw[:, t] < 0.35)
        rupture = (before != 1) & (draw[:, t] < 0.15)
        state[:, t] = np.select([repair, rupture], [2, 1], before)
    therapist = rng.integers(0, therapists, patients)
    severity = rng.standard_normal(patients)
    odds = base + np.array(effects)[state] + 0.4 * rng.standard_normal(therapists)[therapist, None]
    drop = rng.random((patients, sessions)) < 1 / (1 + np.exp(-odds - 0.2 * severity[:, None]))
    drop[:, -1] = False
    last = np.where(drop.any(axis=1), drop.argmax(axis=1), sessions - 1)
    patient, t = np.nonzero(np.arange(sessions) <= last[:, None])
    is_last = t == last[patient]
    event = np.select([drop[patient, t], is_last], ["dropout", "agreed_ending"], "none")
    return pd.DataFrame(
        {
            "patient_id": pd.Categorical([f"p{i:05d}" for i in patient]),
            "therapist_id": pd.Categorical([f"t{i:03d}" for i in therapist[patient]]),
            "session": t + 1,
            "time": t + 1,
            "definition": pd.Categorical([definition] * len(t)),
            "repair_rule": pd.Categorical([repair_rule] * len(t)),
            "state": pd.Categorical(np.array(STATES)[state[patient, t]], categories=STATES),
            "testable": t > 0,
            "x_severity": severity[patient],
            "event": event,
            "dropout": (event == "dropout").astype(int),
            "agreed_ending": (event == "agreed_ending").astype(int),
            "at_risk": t + 1 < sessions,
        }
    )
