"""What comes later never changes what was said before: for every registered definition and rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rupture_outcome.coding.detect import apply
from rupture_outcome.coding.follow import follow, states
from rupture_outcome.coding.registry import definitions, get_repair_rule, repair_rules
from rupture_outcome.coding.scales import DISCREPANCY
from tests.unit.coding.toy_series import chosen, constants, panel_of, repair_parameters, studies

PROSPECTIVE = [d.id for d in definitions().values() if d.kind_class == "prospective"]

# Each on its own score, those that read a score on the others too, and each kind of rupture.
USES = [
    *((name, {}) for name in PROSPECTIVE),
    *(
        (name, {"source": source})
        for name in PROSPECTIVE
        if definitions()[name].parameters.get("source") == "alliance_patient"
        for source in ("alliance_therapist", "symptom", DISCREPANCY)
        if not (name == "drop_rci" and source == DISCREPANCY)
    ),
    ("drop_rci", {"source": DISCREPANCY, "reliability": 0.6}),
    ("psq_patient", {"tension": 3.0}),
    *(("observer", {"kind": kind}) for kind in ("withdrawal", "confrontation")),
    *(("observer_markers", {"kind": "withdrawal", "least": least}) for least in (0.5, 2.0)),
]
EVERY = settings(max_examples=12)


def until(sessions, cut):
    """What was known when session `cut` of each patient had been held."""
    return sessions[sessions["session"] <= cut]


def rows_until(panel, cut):
    return panel.session <= cut


@pytest.mark.parametrize(("name", "parameters"), USES)
@EVERY
@given(sessions=studies(), cut=st.integers(1, 12), bridge=st.booleans())
def test_verdicts_do_not_look_ahead(name, parameters, sessions, cut, bridge) -> None:
    definition = chosen(name, **parameters)
    panel = panel_of(sessions, bridge_missed=bridge)
    given_constants = constants(panel, definition)
    full = apply(panel, definition, given_constants)
    known = apply(panel_of(until(sessions, cut), bridge_missed=bridge), definition, given_constants)
    kept = rows_until(panel, cut)
    for part in ("verdict", "reason", "kind"):
        np.testing.assert_array_equal(getattr(full, part)[kept], getattr(known, part))


@pytest.mark.parametrize("rule", list(repair_rules()))
@pytest.mark.parametrize("name", ["drop_rci", "psq_patient", "observer"])
@EVERY
@given(sessions=studies(), cut=st.integers(1, 12), within=st.integers(1, 6))
def test_states_do_not_look_ahead(rule, name, sessions, cut, within) -> None:
    definition, parameters = chosen(name), repair_parameters(rule, within=within)
    whole = panel_of(sessions)
    given_constants = constants(whole, definition)

    def state(panel):
        verdicts = apply(panel, definition, given_constants)
        score = panel["alliance_patient"]
        return states(panel, follow(panel, verdicts, score, get_repair_rule(rule), parameters))

    kept = rows_until(whole, cut)
    np.testing.assert_array_equal(state(whole)[kept], state(panel_of(until(sessions, cut))))


@pytest.mark.parametrize("name", [d.id for d in definitions().values()])
@EVERY
@given(sessions=studies(), size=st.integers(1, 40))
def test_a_patients_verdicts_rest_on_his_own_sessions(name, sessions, size) -> None:
    definition, panel = chosen(name), panel_of(sessions)
    given_constants = constants(panel, definition)
    blocks = [apply(block, definition, given_constants) for _, block in panel.blocks(size)]
    whole = apply(panel, definition, given_constants)
    for part in ("verdict", "reason", "kind"):
        np.testing.assert_array_equal(
            getattr(whole, part), np.concatenate([getattr(b, part) for b in blocks])
        )


@pytest.mark.parametrize("name", PROSPECTIVE)
@EVERY
@given(sessions=studies(), seed=st.integers(0, 99))
def test_neither_ids_nor_the_order_of_patients_matter(name, sessions, seed) -> None:
    definition = chosen(name)
    new = {p: f"{999 - int(p[1:]):03}" for p in sessions["patient_id"].unique()}
    renamed = sessions.assign(patient_id=sessions["patient_id"].map(new))
    renamed = renamed.sample(frac=1, random_state=seed)
    panel, other = panel_of(sessions), panel_of(renamed)
    here, there = (apply(p, definition, constants(p, definition)) for p in (panel, other))
    for part in ("verdict", "reason", "kind"):
        blocks = np.split(getattr(there, part), other.starts[1:-1])
        np.testing.assert_array_equal(getattr(here, part), np.concatenate(blocks[::-1]))
