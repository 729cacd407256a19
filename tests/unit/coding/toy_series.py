"""Small studies made by hand or by hypothesis."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from rupture_outcome.coding.detect import estimate
from rupture_outcome.coding.inputs import ChosenDefinition
from rupture_outcome.coding.registry import get_definition, get_repair_rule
from rupture_outcome.coding.scales import DISCREPANCY
from rupture_outcome.coding.series import Panel
from rupture_outcome.coding.verdicts import REASONS, VERDICTS, Verdicts

INSTRUMENTS = {
    "wai": {
        "measures": "alliance_patient",
        "items": [f"wai_{i:02}" for i in range(1, 13)],
        "range": [1, 5],
        "direction": 1,
        "reliability": 0.92,
    },
    "wai_therapist": {
        "measures": "alliance_therapist",
        "range": [12, 60],
        "direction": 1,
        "reliability": 0.9,
    },
    "phq9": {"measures": "symptom", "range": [0, 27], "direction": -1, "reliability": 0.86},
}

SCORES = ["alliance_patient", "alliance_therapist", "symptom"]
REPORTS = [
    f"psq_{who}_{what}"
    for who in ("patient", "therapist")
    for what in ("rupture", "tension", "resolution")
]
OBSERVED = ["observer_withdrawal", "observer_confrontation", "observer_resolution"]
MARKED = get_definition("observer_markers").columns(get_definition("observer_markers").parameters)
COLUMNS = [*SCORES, *REPORTS, *OBSERVED, *MARKED, DISCREPANCY]


def study(scores: Mapping[str, Sequence[float | str | None]], **columns: Any) -> pd.DataFrame:
    """Sessions of patients by id: a number, None for unrated, "missed" for a missed session."""
    rows = [
        {
            "patient_id": patient,
            "session": i,
            "attended": int(x != "missed"),
            "alliance_patient": np.nan if x in (None, "missed") else float(x),
        }
        for patient, series in scores.items()
        for i, x in enumerate(series, 1)
    ]
    return pd.DataFrame(rows).assign(**columns)


def panel_of(sessions: pd.DataFrame, **bridge: bool) -> Panel:
    return Panel.from_sessions(sessions, COLUMNS, **bridge)


def chosen(name: str, **parameters: Any) -> ChosenDefinition:
    rule = get_definition(name)
    return ChosenDefinition(rule, rule.resolve(parameters))


def repair_parameters(name: str, **given: Any) -> dict[str, Any]:
    rule = get_repair_rule(name)
    return {**rule.resolve(given), "source": given.get("source", "alliance_patient")}


def constants(panel: Panel, definition: ChosenDefinition) -> dict[str, float]:
    estimated = estimate(panel, definition, INSTRUMENTS)
    return {name: constant.value for name, constant in estimated.items()}


def told(verdicts: Verdicts) -> list[str]:
    """Verdicts by name, or the reason where there is none."""
    names = [VERDICTS[v] for v in verdicts.verdict]
    return [REASONS[r] if r >= 0 else name for name, r in zip(names, verdicts.reason, strict=True)]


def _random_study(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 13, rng.integers(1, 31))
    n = int(lengths.sum())
    frame = pd.DataFrame(
        {
            "patient_id": np.repeat([f"p{i:02}" for i in range(len(lengths))], lengths),
            "session": np.concatenate([np.arange(1, length + 1) for length in lengths]),
            "attended": rng.choice([1, 0], n, p=[0.85, 0.15]),
        }
    )
    # Few distinct scores, so that ties, flat stretches and returns to the same score are frequent.
    scores = rng.choice(rng.choice(np.r_[12:61, np.nan], rng.integers(1, 7)), (n, len(SCORES)))
    reports = rng.choice([0.0, 1.0, 4.0, np.nan], (n, len(REPORTS)))
    observed = rng.choice([1.0, 2.5, 3.0, 5.0, np.nan], (n, len(OBSERVED)))
    marked = rng.choice([0.0, 0.5, 1.0, 2.0, np.nan], (n, len(MARKED)))
    apart = rng.choice([-0.5, -0.25, 0.0, 0.1, np.nan], (n, 1))
    frame[COLUMNS] = np.hstack([scores, reports, observed, marked, apart])
    frame.loc[frame["attended"] == 0, COLUMNS] = np.nan
    return frame


def studies() -> st.SearchStrategy[pd.DataFrame]:
    """Up to thirty patients with everything that any definition may need.

    Hypothesis draws the seed only: drawing each value takes a hundred times as long.
    """
    return st.builds(_random_study, st.integers(0, 2**32 - 1))
