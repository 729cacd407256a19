"""The true values behind a simulated study, each with its unit and meaning."""

from dataclasses import dataclass, field, fields
from typing import Any


def _true(value: Any, unit: str, meaning: str) -> Any:
    return field(default=value, metadata={"unit": unit, "meaning": meaning})


@dataclass(frozen=True)
class Truth:
    """Everything that generates a simulated study; change a world with ``dataclasses.replace``.

    Each field carries its unit and meaning in its metadata, and `described` lists them. Points are
    those of the sum over twelve WAI-SR items (12–60) or of the PHQ-9 sum (0–27). Effects on a
    chance per attended session are log odds. A world in which ruptures and their repair have no
    effect on leaving is ``replace(Truth(), dropout_unrepaired=0.0, dropout_repaired=0.0)``.

    Examples
    --------
    >>> from dataclasses import replace
    >>> replace(Truth(), dropout_unrepaired=0.0, dropout_repaired=0.0).dropout_unrepaired
    0.0
    """

    # how large the study is
    patients: int = _true(600, "patients", "patients who attended at least one session")
    therapists: int = _true(40, "therapists", "therapists over all sites")
    sites: int = _true(4, "sites", "sites; each therapist works at one")
    raters: int = _true(5, "raters", "observers, of whom 2 or 3 code a session")
    coded_patients: float = _true(0.25, "share of patients", "some of whose sessions are coded")
    coded_sessions: float = _true(0.35, "share of sessions", "sessions coded, of a coded patient")

    # ruptures and repair
    rupture_base: float = _true(-2.0, "log odds", "rupture in a session, when none is open")
    rupture_therapist_sd: float = _true(0.3, "log odds, SD", "therapists differ in rupture")
    rupture_patient_sd: float = _true(0.6, "log odds, SD", "patients differ in rupture")
    rupture_unit_sd: float = _true(0.4, "log odds, SD", "units differ in rupture")
    confrontation: float = _true(0.35, "probability", "confrontation rather than withdrawal")
    repair_base: float = _true(-0.55, "log odds", "repair in the first session after the rupture")
    repair_per_session: float = _true(-0.15, "log odds a session", "repair fades as a rupture ages")
    repair_therapist_sd: float = _true(0.7, "log odds, SD", "therapists differ in repair (skill)")

    # what an open rupture does to the patient's alliance rating
    depth_mean: float = _true(12.0, "WAI-SR points", "mean fall in a deep rupture")
    depth_sd: float = _true(2.5, "WAI-SR points, SD", "ruptures differ in depth")
    shallow: float = _true(0.25, "probability", "a rupture is shallow")
    shallow_mean: float = _true(4.0, "WAI-SR points", "mean fall in a shallow rupture")
    gradual: float = _true(0.15, "probability", "the fall takes three sessions, not one")
    recovery: float = _true(0.95, "share of the fall", "regained by repair")

    # alliance ratings
    alliance_mean: float = _true(48.0, "WAI-SR points", "first session, before the ceiling")
    alliance_patient_sd: float = _true(8.0, "WAI-SR points, SD", "patients differ")
    alliance_unit_sd: float = _true(4.0, "WAI-SR points, SD", "couples, families and groups differ")
    alliance_therapist_sd: float = _true(2.5, "WAI-SR points, SD", "therapists differ")
    alliance_drift: float = _true(2.2, "WAI-SR points a log session", "slow rise over sessions")
    alliance_occasion_sd: float = _true(1.8, "WAI-SR points, SD", "sessions differ without cause")
    item_sd: float = _true(0.6, "item points, SD", "noise of one answer before rounding")
    therapist_sensitivity: float = _true(
        0.5, "ratio", "of a patient's fall that the therapist's own rating shows"
    )

    # symptoms
    severity_mean: float = _true(14.0, "PHQ-9 points", "mean at baseline; centre of effects")
    severity_sd: float = _true(5.0, "PHQ-9 points, SD", "at baseline; unit of effects")
    symptom_slope: float = _true(-1.7, "PHQ-9 points a log session", "mean improvement")
    symptom_slope_sd: float = _true(2.4, "PHQ-9 points a log session, SD", "patients differ")
    symptom_unrepaired: float = _true(
        1.2, "PHQ-9 points", "before session s+1, if a rupture was open after session s"
    )
    symptom_occasion_sd: float = _true(2.0, "PHQ-9 points, SD", "sessions differ without cause")

    # leaving, after an attended session before the last planned one
    dropout_base: float = _true(-4.6, "log odds", "dropout late in treatment, intact alliance")
    dropout_early: float = _true(
        1.1,
        "log odds",
        "added at session 1, fading as exp(-(n-1)/3) over attended n",
    )
    dropout_unrepaired: float = _true(0.8, "log odds", "unrepaired against intact")
    dropout_repaired: float = _true(-0.1, "log odds", "repaired against intact")
    dropout_severity: float = _true(0.2, "log odds an SD", "baseline severity, per severity_sd")
    dropout_therapist_sd: float = _true(0.4, "log odds, SD", "therapists differ in dropout")
    dropout_unit_sd: float = _true(0.3, "log odds, SD", "units differ in dropout")
    agreed_base: float = _true(-4.4, "log odds", "agreed early ending at PHQ-9 10, from session 4")
    agreed_symptom: float = _true(-0.15, "log odds a PHQ-9 point", "symptoms put it off")
    referred: float = _true(0.002, "probability", "referred elsewhere after a session")
    administrative: float = _true(0.002, "probability", "ended for administrative reasons")
    ongoing: float = _true(0.08, "share of patients", "data drawn before the treatment was over")


def described(truth: Truth) -> dict[str, dict[str, Any]]:
    """Value, unit and meaning of every field of `truth`, by name."""
    return {
        f.name: {
            "value": getattr(truth, f.name),
            "unit": f.metadata["unit"],
            "meaning": f.metadata["meaning"],
        }
        for f in fields(truth)
    }
