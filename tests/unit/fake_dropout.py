"""What the models of dropout publish for an imaginary study, with an answer or without one."""

import numpy as np
import pandas as pd

from tests.unit.toy_worlds import COURSES, EFFECTS, SESSIONS

PRIMARY = {"definition": "drop_rci", "repair_rule": "return_to_baseline"}
REPAIR = ("repaired", "unrepaired")
EMPTY = (None,) * 5
TESTED = (None, -0.51, -1.157, 0.139, 0.60)
TIPPING = "tipping_share_repaired"
ESTIMATES = ("estimate", "ci_low", "ci_high")


def _frame(columns: str, *rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


def tables(answer: bool = True) -> dict[str, pd.DataFrame]:
    """Tables by name; without an answer, all estimates are missing."""
    found = {
        "hazard_margins": _frame(
            "model event quantity state_a state_b estimate ci_low ci_high",
            ("main", "dropout", "hazard", "intact", "", 0.019, 0.014, 0.025),
            ("main", "dropout", "hazard", "unrepaired", "", 0.025, 0.018, 0.033),
            ("main", "dropout", "hazard", "repaired", "", 0.013, 0.008, 0.021),
            ("main", "dropout", "difference", *REPAIR, -0.012, -0.021, -0.002),
        ),
        "landmark_contrasts": _frame(
            "landmark horizon cause measure state_a state_b estimate ci_low ci_high",
            (4, 16, "dropout", "incidence", "unrepaired", "", 0.1654, 0.0891, 0.2525),
            (4, 16, "dropout", "incidence", "repaired", "", 0.1239, 0.0435, 0.248),
            (4, 16, "dropout", "incidence_difference", *REPAIR, -0.0415, -0.17, 0.10),
        ).assign(**PRIMARY),
        "repair_outcomes": _frame(
            "outcome ruptures share all",
            ("own_session", 204, 0.247, 826),
            ("later_session", 220, 0.266, 826),
        ).assign(**PRIMARY),
        "state_sessions": _frame(
            "state tested patients sessions dropouts rate",
            ("intact", "all", 501, 2419, 52, 0.0215),
            ("unrepaired", "all", 395, 2280, 50, 0.0219),
            ("unrepaired", "untested", 110, 134, 17, 0.1269),
            ("repaired", "all", 267, 1502, 17, 0.0113),
        ),
        "time_in_state": _frame(
            "measure state horizon estimate ci_low ci_high",
            ("expected_sessions", "unrepaired", 16, 4.04, 3.6, 4.5),
            ("ever_ruptured", "unrepaired", 16, 0.78, 0.73, 0.82),
            ("repaired_if_ruptured", "repaired", 16, 0.64, 0.58, 0.70),
        ),
        "repair_what_if": _frame(
            "scenario session estimate ci_low ci_high difference difference_low difference_high",
            ("observed", 16, 0.21, 0.16, 0.265, None, None, None),
            ("best_quarter", 16, 0.19, 0.15, 0.24, -0.02, -0.04, 0.01),
        ),
        "therapist_variances": _frame(
            "outcome share share_low share_high",
            *(("rupture", 0.01, 0.0, 0.04), ("repair", 0.1, 0.02, 0.2)),
            ("dropout", 0.02, 0.0, 0.09),
        ),
        "therapist_relation": _frame(
            "first second method measure estimate ci_low ci_high",
            ("repair", "dropout", "raw_rates", "correlation", -0.1, -0.3, 0.1),
            ("repair", "dropout", "joint", "correlation", -0.49, -0.9, 0.2),
        ),
        "moderator_effects": _frame(
            "moderator level state_a state_b joint_p joint_p_holm",
            *(("format", "couple", *REPAIR, 0.4, 0.8), ("format", "family", *REPAIR, 0.4, 0.8)),
            ("population", "ptsd", *REPAIR, 0.2, 0.4),
        ),
        "dropout_definitions": _frame(
            "dropout_definition rate ci_low ci_high",
            ("recorded_ending", 0.2, 0.17, 0.24),
            ("fewer_than_planned", 0.29, 0.25, 0.33),
        ),
        "sensitivity": _frame(
            "analysis setting state_a state_b value estimate ci_low ci_high ratio e_value "
            "e_value_limit events reason",
            ("e_value", "per_session", *REPAIR, *EMPTY, 3.25, 1.43, 119, ""),
            ("e_value", "over_treatment", *REPAIR, *EMPTY, 2.51, 1.34, 119, ""),
            ("missing_ratings", "left_out", *REPAIR, *TESTED, None, None, 76, ""),
            ("missing_ratings", TIPPING, *REPAIR, 0.0638, *EMPTY, None, 119, "tips:includes"),
        ),
    }
    if not answer:
        found = {name: _without(table) for name, table in found.items()}
    # The simulated world is the same for every study.
    worlds = {"": EFFECTS, "_sessions": SESSIONS, "_courses": COURSES}
    return found | {f"immortal_time{end}": table for end, table in worlds.items()}


def _without(table: pd.DataFrame) -> pd.DataFrame:
    prefixes = ("estimate", "ci_", "difference", "rate", "share", "joint_", "e_value", "value")
    return table.assign(**{c: np.nan for c in table.columns if c.startswith(prefixes)})
