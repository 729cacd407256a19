import numpy as np
import pandas as pd

from rupture_outcome.cohort.rupture_history import rupture_history
from rupture_outcome.estimates.moderators.strategies_so_far import strategy_seen

STATES = ["intact", "unrepaired", "repaired"]
MARKERS = ["patient_id", "session", "segment", "rater_id", "kind", "party", "code", "salience"]
RATINGS = ["patient_id", "session", "rater_id", "withdrawal", "confrontation", "resolution"]


def sessions(patient, states):
    return pd.DataFrame(
        {"patient_id": patient, "session": np.arange(1, len(states) + 1), "state": states}
    ).assign(time=lambda frame: frame["session"], definition="d")


def rows_of(**courses):
    short = {"i": "intact", "u": "unrepaired", "r": "repaired"}
    parts = [sessions(p, [short[letter] for letter in s]) for p, s in courses.items()]
    rows = pd.concat(parts, ignore_index=True)
    rows["patient_id"] = pd.Categorical(rows["patient_id"])
    rows["state"] = pd.Categorical(rows["state"], categories=STATES)
    return rows


def markers(*seen):
    found = [(p, s, 1, "R1", kind, "therapist", "clarify", 2.0) for p, s, kind in seen]
    return pd.DataFrame(found, columns=MARKERS)


def ratings(*coded):
    return pd.DataFrame([(p, s, "R1", 1.0, 1.0, 1.0) for p, s in coded], columns=RATINGS)


def told(rows, seen, coded, detected=()):
    found = [(p, s, "d", "detected", "unknown") for p, s in detected]
    columns = ["patient_id", "session", "definition", "verdict", "kind"]
    history = rupture_history(rows, pd.DataFrame(found, columns=columns))
    level = strategy_seen(rows, history, markers(*seen), ratings(*coded))
    short = {"strategy seen": "S", "no strategy seen": "N"}
    return "".join(short.get(one, ".") for one in level)


ALL_A = [("a", s) for s in range(1, 9)]


def test_seen_from_the_session_on_in_which_it_was_seen():
    rows = rows_of(a="iuuurr")
    assert told(rows, [("a", 3, "resolution")], ALL_A) == ".NSSSS"


def test_the_session_of_the_repair_counts_and_later_ones_do_not():
    rows = rows_of(a="uurrr")
    assert told(rows, [("a", 3, "resolution")], ALL_A) == "NNSSS"
    assert told(rows, [("a", 4, "resolution"), ("a", 1, "withdrawal")], ALL_A) == "NNNNN"


def test_a_new_rupture_starts_anew():
    rows = rows_of(a="uuruu")
    assert told(rows, [("a", 1, "resolution")], ALL_A) == "SSSNN"


def test_what_nobody_coded_is_not_known():
    rows = rows_of(a="uuuru")
    assert told(rows, [("a", 1, "resolution")], [("a", 1), ("a", 2), ("a", 5)]) == "SS..N"


def test_a_rupture_repaired_in_its_own_session_has_that_session_only():
    rows = rows_of(a="irrr")
    assert told(rows, [("a", 2, "resolution")], [("a", 2)]) == ".SSS"
    assert told(rows, [("a", 3, "resolution")], [("a", 2), ("a", 3)]) == ".NNN"
    assert told(rows, [], [("a", 1), ("a", 3)]) == "...."
    again = told(rows, [("a", 2, "resolution")], ALL_A, detected=[("a", 2), ("a", 4)])
    assert again == ".SSN"


def test_patients_are_kept_apart():
    rows = rows_of(a="uu", b="uu")
    coded = [*ALL_A, ("b", 1), ("b", 2), ("z", 1)]
    assert told(rows, [("a", 2, "resolution"), ("z", 1, "resolution")], coded) == "NSNN"


def test_without_observers_nothing_is_known():
    rows = rows_of(a="iuur", b="i")
    assert told(rows, [], []) == "....."
