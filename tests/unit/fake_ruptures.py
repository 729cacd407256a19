"""What rupture coding publishes for an imaginary study."""

import pandas as pd

from tests.unit.toy_sweep import SWEEP, cases

AGREEMENT = pd.DataFrame(
    {
        "definition_a": ["drop_rci", "drop_rci"],
        "definition_b": ["psq_patient", "observer"],
        "n": [4800, 500],
        "kappa": [0.12, 0.34],
        "ci_low": [0.1, 0.2],
        "ci_high": [0.14, 0.45],
    }
)
ONSETS = pd.DataFrame(
    {
        "definition_a": ["drop_rci", "psq_patient"],
        "definition_b": ["psq_patient", "observer"],
        "onsets_a": [300, 700],
        "onsets_b": [700, 80],
        "matched": [200, 40],
        "sensitivity": [0.286, 0.5],
        "precision": [0.667, 0.057],
    }
)
ACCURACY = pd.DataFrame(
    {
        "definition": ["drop_rci", "psq_patient"],
        "sensitivity": [0.46, 0.87],
        "specificity": [0.98, 0.91],
    }
)
STRATEGIES = pd.DataFrame(
    {
        "marker_kind": ["withdrawal", "withdrawal", "withdrawal", "confrontation"],
        "strategy": ["none", "validate", "clarify", "none"],
        "sessions": [256, 21, 23, 152],
        "resolution_mean": [1.71, 2.84, 2.41, 1.76],
        "n": [382, 382, 382, 204],
        "share": [0.67, 0.055, 0.06, 0.745],
    }
)
RATERS = pd.DataFrame(
    {
        "measure": ["withdrawal", "resolution", "withdrawal"],
        "statistic": ["ICC(1,1)", "ICC(1,1)", "ICC(1,1)"],
        "half": ["all", "all", "early"],
        "n": [633, 636, 310],
        "raters": [5, 5, 5],
        "estimate": [0.74, 0.51, 0.1],
        "ci_low": [0.68, 0.43, 0.0],
        "ci_high": [0.79, 0.56, 0.2],
    }
)


PREVALENCE = pd.DataFrame(
    {
        "definition": ["drop_rci", "psq_patient"],
        "class": "prospective",
        "provenance": "verified",
        "sessions_testable": [5000, 5500],
        "sessions_detected": [600, 1500],
        "patients_testable": [550, 570],
        "patients_detected": [300, 400],
        "rate": [0.12, 0.27],
        "expected_by_chance": [500.0, None],
    }
)


def tables(simulated: bool, observed: bool) -> dict[str, pd.DataFrame]:
    """Tables by name; of a study that is not simulated, without cases and truth."""
    truth = ["sensitivity", "specificity"]
    return {
        "rupture_prevalence": PREVALENCE,
        "definition_agreement": AGREEMENT,
        "onset_agreement": ONSETS,
        "definition_accuracy": ACCURACY if simulated else ACCURACY.iloc[:0],
        "threshold_sweep": SWEEP if simulated else SWEEP.assign(**dict.fromkeys(truth)),
        "cases": cases() if simulated else cases().iloc[:0],
        "strategy_resolution": STRATEGIES if observed else STRATEGIES.iloc[:0],
        "rater_agreement": RATERS if observed else RATERS.iloc[:0],
    }
