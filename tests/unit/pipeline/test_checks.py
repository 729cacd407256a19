import pandas as pd
import pytest

from rupture_outcome.pipeline.checks import check_results

FIT = {
    "model": "hazard",
    "definition": "drop_rci",
    "repair_rule": "half_recovery",
    "converged": True,
    "gradient_norm": 1e-9,
    "condition_number": 12.0,
    "events_per_parameter": 7.93,
    "boundary": False,
    "group_sd": 0.4,
}
FLOW = pd.DataFrame(
    {
        "patients": [50, 40],
        "sessions": [500, 420],
        "removed_patients": [None, 10],
        "removed_sessions": [None, 80],
    }
)
ROWS = pd.DataFrame(
    {
        "patient_id": ["a", "a", "a"],
        "definition": "drop_rci",
        "repair_rule": "half_recovery",
        "session": [1, 2, 3],
        "state": ["intact", "unrepaired", "repaired"],
        "event": ["none", "none", "dropout"],
        "dropout": [0, 0, 1],
        "at_risk": True,
    }
)
PREVALENCE = pd.DataFrame(
    {"definition": ["drop_rci"], "sessions_testable": [300], "sessions_detected": [20]}
)


def checks(flow=FLOW, rows=ROWS, prevalence=PREVALENCE, fits=(FIT,), published=None):
    return check_results(flow, rows, prevalence, fits, published or {}, 10)


def of_fit(fit) -> pd.DataFrame:
    found = checks(fits=[fit])
    return found[found["subject"].str.contains("half_recovery")].set_index("check")


def test_a_sound_run_passes_all_but_the_caution():
    found = checks()
    assert found.loc[~found["passed"], "check"].tolist() == ["events per parameter"]


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("gradient at the maximum", {"gradient_norm": 0.5}),
        ("gradient at the maximum", {"gradient_norm": None}),
        ("condition of the Hessian", {"condition_number": 1e12}),
        ("group SD inside the parameter space", {"boundary": True, "group_sd": 0.0}),
    ],
)
def test_what_is_wrong_with_a_fit_is_named(check, change):
    assert not of_fit(FIT | change).loc[check, "passed"]
    assert of_fit(FIT).loc[check, "passed"]


def test_events_per_parameter_are_said_roughly():
    row = of_fit(FIT).loc["events per parameter"]
    assert (row["found"], row["passed"]) == ("5 to 10", False)
    assert of_fit(FIT | {"events_per_parameter": 31.4}).loc["events per parameter", "passed"]


def test_a_failed_fit_is_one_failed_check_with_its_reason():
    found = of_fit({**FIT, "converged": False, "reason": "no_event:dropout:repaired"})
    assert found.index.tolist() == ["the fit converged"]
    assert found["found"].item() == "no_event:dropout:repaired"


def test_a_model_without_groups_has_no_check_of_their_sd():
    fit = {key: value for key, value in FIT.items() if key not in ("boundary", "group_sd")}
    assert "group SD inside the parameter space" not in of_fit(fit).index


@pytest.mark.parametrize(
    ("check", "given"),
    [
        ("every step accounts for what it removed", {"flow": FLOW.assign(patients=[50, 45])}),
        ("one row a patient and session", {"rows": pd.concat([ROWS, ROWS.tail(1)])}),
        ("nobody returns to intact after a rupture", {"rows": ROWS.assign(session=[3, 2, 1])}),
        ("no dropout where none is possible", {"rows": ROWS.assign(at_risk=False)}),
        ("the ending follows the last session", {"rows": ROWS.assign(session=[1, 3, 2])}),
        (
            "detected sessions are testable ones",
            {"prevalence": PREVALENCE.assign(sessions_detected=301)},
        ),
        (
            "counts are rounded",
            {"published": {"flow": pd.DataFrame({"patients": [0, 4], "sessions": [0, -10]})}},
        ),
    ],
)
def test_what_is_wrong_with_the_results_is_found(check, given):
    found = checks(**given)
    assert not found.loc[found["check"] == check, "passed"].all()


def levels(**columns):
    """A published table of effects by subgroup."""
    given = {"level": ["all", "a", "other"], "patients": [60, 40, -10], "sessions": [600, 400, -10]}
    return {"moderator_effects": pd.DataFrame(given | {"events": [20, 10, -10]} | columns)}


@pytest.mark.parametrize(
    ("verdict", "published"),
    [
        ("pass", levels()),
        ("review", levels(events=[20, 0, -10])),
        ("fail", levels(level=["all", "a", "b"])),
        ("fail", levels(patients=[60, 41, -10])),
        ("fail", levels(level=["all", "a", "b"], events=[20, 0, -10])),
    ],
)
def test_what_leaves_gets_a_verdict(verdict, published):
    found = checks(published=published).set_index("check").loc["verdict on what leaves"]
    assert found["found"] == verdict
    assert found["passed"] == (verdict != "fail")
