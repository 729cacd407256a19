"""Hazard models and margins as the scripts write them, for tests of what is shown."""

import numpy as np
import pandas as pd

from rupture_outcome.estimates.effect_rows import compared
from rupture_outcome.estimates.hazard.hazard_effects import CONTRASTS, STATES
from rupture_outcome.estimates.hazard.hazard_margins import MARGIN_COLUMNS
from rupture_outcome.estimates.hazard.hazard_models import MODELS, NOT_SPLIT
from rupture_outcome.estimates.hazard.hazard_rows import MODEL_COLUMNS

COUNTS = {"patients": 580, "sessions": 6200, "events": 119}
ENOUGH = {"fewest_patients": 260, "fewest_events": 17, "fewest_without": 200}
PRIMARY = {"definition": "psq_patient", "repair_rule": "psq_resolved"}


def fake_models() -> pd.DataFrame:
    """Every model with its three contrasts; neither kinds nor windows are told apart."""
    rows = []
    for model in MODELS:
        known = model.exposure not in NOT_SPLIT
        link = "cloglog" if model.other_link else "logit"
        given = {"model": model.id, "event": model.form.event, "link": link, "nodes": 1}
        given |= {"groups": model.form.groups, "term": "state", "converged": known}
        for i, pair in enumerate(CONTRASTS):
            value = [0.3, -0.35, -0.65][i] if known else np.nan
            numbers = {"estimate": value, "se": 0.25, "ratio": np.exp(value), "joint_df": 2.0}
            ends = {"ci_low": value - 0.5, "ci_high": value + 0.5, "joint_p": 0.06}
            note = {"reason": NOT_SPLIT.get(model.exposure, "")}
            contrast = compared(pair)
            basis = {**COUNTS, **ENOUGH, "fewest_joint": 17}
            rows.append({**given, **contrast, **numbers, **ends, **basis, **note})
    table = pd.DataFrame(rows, columns=list(MODEL_COLUMNS))
    return table.assign(**PRIMARY, dropout_definition="recorded_ending")


def fake_margins() -> pd.DataFrame:
    """Hazards of the main model, and over six sessions."""
    given = {"event": "dropout", "link": "logit", "converged": True, "reason": ""}
    given |= {**COUNTS, **ENOUGH}
    hazard = dict(zip(STATES, [0.019, 0.025, 0.013], strict=True))
    rows = []
    for state, value in hazard.items():
        rows.append(given | {"model": "main", "quantity": "hazard", **_of(state)} | near(value))
        for session in range(1, 7):
            named = {"model": "spline_baseline", "quantity": "hazard_by_session", **_of(state)}
            there = {"session": session, "fewest_patients": 60 * session - 55}
            rows.append(given | named | there | near(value * (1.3 - 0.05 * session)))
    for first, second in CONTRASTS:
        named = {"model": "main", **_of(first, second)}
        difference = hazard[first] - hazard[second]
        rows.append(given | named | {"quantity": "difference"} | near(difference))
        ratio = hazard[first] / hazard[second]
        rows.append(given | named | {"quantity": "risk_ratio"} | near(ratio))
    table = pd.DataFrame(rows, columns=list(MARGIN_COLUMNS))
    table = table.assign(**PRIMARY, dropout_definition="recorded_ending")
    return table.astype({"session": "Int64"})


def _of(first: str, second: str = "") -> dict[str, str]:
    return {"state_a": first, "state_b": second}


def near(value: float) -> dict[str, float]:
    """Give a value with a standard error and interval."""
    half = 0.4 * abs(value)
    ends = {"ci_low": value - half, "ci_high": value + half}
    return {"estimate": value, "se": half / 2, **ends}
