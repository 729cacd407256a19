"""The data dictionary of a simulated study: a Frictionless Data Package, version 2."""

from typing import Any

from rupture_outcome.simulation.observers import CODES
from rupture_outcome.simulation.people import AGE_BANDS, FORMATS, GENDERS, POPULATIONS
from rupture_outcome.simulation.questionnaires import ITEMS
from rupture_outcome.simulation.truth import Truth

MISSING_CODE = -99
SIMULATION_VERSION = "1.0.0"  # raised whenever the same seed gives another study
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
DIALECT = {"delimiter": ",", "quoteChar": '"', "lineTerminator": "\n", "header": True}
YES_NO = {0: "no", 1: "yes"}
SUBSCALES = {"task": (1, 2, 10, 12), "bond": (3, 5, 7, 9), "goal": (4, 6, 8, 11)}

Field = dict[str, Any]


def describe_study(seed: int, truth: Truth) -> dict[str, object]:
    """Descriptor of the study that `seed` and `truth` give: types, ranges, keys and labels."""
    return {
        "$schema": PROFILE,
        "name": "example",
        "title": "Example study of alliance ruptures, repair and dropout (simulated data)",
        "description": f"Simulated data, no real person: simulation version {SIMULATION_VERSION}, "
        f"seed {seed}, {truth.patients} patients, {truth.therapists} therapists. The latent states "
        "and true effects are in truth.csv and truth.json.",
        "version": SIMULATION_VERSION,
        "keywords": ["simulated", "psychotherapy", "alliance", "rupture", "repair", "dropout"],
        "licenses": [{"name": "MIT", "title": "MIT License"}],
        "resources": [
            _resource("patients", "One row a patient.", _patients(), ["patient_id"]),
            _resource(
                "sessions",
                "One row a patient and scheduled session. As in the field, some rows were entered "
                "twice; exact copies are to be dropped, then the primary key holds.",
                _sessions(),
                ["patient_id", "session"],
                parent="patients",
            ),
            _resource(
                "markers",
                "Observer coding (3RS): one row a rater, session, segment and marker, for a random "
                "subset of sessions. A coded session without a marker has rows in ratings only.",
                _markers(),
                ["patient_id", "session", "segment", "rater_id", "kind", "party", "code"],
                parent="patients",
            ),
            _resource(
                "ratings",
                "Observer coding (3RS): one row a rater and session, the session as a whole.",
                _ratings(),
                ["patient_id", "session", "rater_id"],
                parent="patients",
            ),
            _resource(
                "endings", "One row a patient.", _endings(), ["patient_id"], parent="patients"
            ),
        ],
    }


def _resource(
    name: str, description: str, fields: list[Field], key: list[str], parent: str | None = None
) -> dict[str, object]:
    schema: dict[str, object] = {
        "fields": fields,
        "missingValues": ["", str(MISSING_CODE)],
        "primaryKey": key,
    }
    if parent is not None:
        reference = {"resource": parent, "fields": ["patient_id"]}
        schema["foreignKeys"] = [{"fields": ["patient_id"], "reference": reference}]
    return {
        "name": name,
        "type": "table",
        "path": f"{name}.csv",
        "title": name.capitalize(),
        "description": description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": DIALECT,
        "schema": schema,
    }


def _text(name: str, title: str, description: str, **constraints: Any) -> Field:
    return _field(name, "string", title, description, constraints)


def _whole(name: str, title: str, description: str, **constraints: Any) -> Field:
    return _field(name, "integer", title, description, constraints)


def _field(
    name: str, kind: str, title: str, description: str, constraints: dict[str, Any]
) -> Field:
    field = {"name": name, "type": kind, "title": title, "description": description}
    return field | ({"constraints": constraints} if constraints else {})


def _one_of(
    name: str, title: str, description: str, labels: dict[Any, str], **constraints: Any
) -> Field:
    """Give the field of a coded value its codes and their labels."""
    kind = "integer" if all(isinstance(code, int) for code in labels) else "string"
    field = _field(name, kind, title, description, {**constraints, "enum": list(labels)})
    return field | {"categories": [{"value": k, "label": v} for k, v in labels.items()]}


def _spelt(codes: Any) -> dict[str, str]:
    return {str(code): str(code).replace("_", " ") for code in codes}


def _patient() -> Field:
    return _text("patient_id", "Patient", "Arbitrary identifier.", required=True)


def _session() -> Field:
    return _whole("session", "Session", "Number in order of schedule.", required=True, minimum=1)


def _patients() -> list[Field]:
    populations = _spelt(POPULATIONS) | {"ptsd": "post-traumatic stress disorder"}
    treatments = {
        "cbt": "cognitive behavioural therapy",
        "trauma_focused_cbt": "trauma-focused cognitive behavioural therapy",
        "schema_therapy": "schema therapy",
        "systemic_therapy": "systemic therapy",
    }
    return [
        _patient() | {"constraints": {"required": True, "unique": True}},
        _text("therapist_id", "Therapist", "Who began the treatment.", required=True),
        _text("site_id", "Site", "Where the therapist works."),
        _one_of("population", "Population", "Main reason for treatment.", populations),
        _one_of("age_band", "Age band", "Age at intake, years.", {a: a for a in AGE_BANDS}),
        _one_of("gender", "Gender", "As stated at intake.", _spelt(GENDERS)),
        _one_of("format", "Format", "Setting of the treatment.", _spelt(FORMATS)),
        _text("unit_id", "Unit", "Couple, family or group; empty in individual treatment."),
        _one_of("treatment", "Treatment", "Approach offered.", treatments),
        _whole("severity", "Baseline severity", "PHQ-9 sum at intake.", minimum=0, maximum=27),
        _whole(
            "planned_sessions",
            "Planned sessions",
            "Sessions to be attended by protocol; missed appointments are made up.",
            minimum=1,
        ),
    ]


def _sessions() -> list[Field]:
    return [
        _patient(),
        _session(),
        _whole("day", "Day", "Days since intake.", minimum=0),
        _one_of("attended", "Attended", "The session took place.", YES_NO),
        _text("therapist_id", "Therapist", "Who held the session, or was to hold it."),
        *(_item(number) for number in range(1, len(ITEMS) + 1)),
        _whole(
            "alliance_therapist",
            "Alliance, therapist",
            "WAI-SR sum by the therapist, after the session.",
            minimum=12,
            maximum=60,
        ),
        _whole("symptom", "Symptoms", "PHQ-9 sum before the session.", minimum=0, maximum=27),
        *_psq("patient"),
        *_psq("therapist"),
    ]


def _item(number: int) -> Field:
    subscale = next(name for name, items in SUBSCALES.items() if number in items)
    return _whole(
        f"wai_{number:02d}",
        f"WAI-SR item {number}",
        f"Answer of the patient after the session ({subscale}); wording under copyright.",
        minimum=1,
        maximum=5,
    )


def _psq(who: str) -> list[Field]:
    return [
        _one_of(f"psq_{who}_rupture", f"Rupture, {who}", "Reported after the session.", YES_NO),
        _whole(f"psq_{who}_tension", f"Tension, {who}", "1 low to 5 high.", minimum=1, maximum=5),
        _whole(
            f"psq_{who}_resolution",
            f"Resolution, {who}",
            "1 low to 5 high; asked only after a reported rupture, else missing by design.",
            minimum=1,
            maximum=5,
        ),
    ]


def _rater() -> Field:
    return _text("rater_id", "Rater", "Observer.", required=True)


def _markers() -> list[Field]:
    codes = [code for group in CODES.values() for code in group]
    return [
        _patient(),
        _session(),
        _whole("segment", "Segment", "Five-minute segment.", required=True, minimum=1),
        _rater(),
        _one_of("kind", "Kind", "Kind of marker.", _spelt(CODES), required=True),
        _one_of("party", "Party", "Who showed it.", _spelt(["patient", "therapist"])),
        _one_of("code", "Code", "3RS marker or resolution strategy, short name.", _spelt(codes)),
        _whole("salience", "Salience", "1 not to 5 very salient.", minimum=1, maximum=5),
    ]


def _ratings() -> list[Field]:
    return [
        _patient(),
        _session(),
        _rater(),
        *(
            _whole(kind, kind.capitalize(), "Whole session, 1 low to 5 high.", minimum=1, maximum=5)
            for kind in CODES
        ),
        _whole("session_minutes", "Session length", "Minutes coded.", minimum=1),
        _whole("segment_minutes", "Segment length", "Minutes a segment.", minimum=1),
    ]


def _endings() -> list[Field]:
    endings = {
        "dropout": "patient stopped coming before the end",
        "completed": "all planned sessions attended",
        "agreed": "ended early by agreement",
        "referred": "referred elsewhere",
        "administrative": "ended for administrative reasons",
        "ongoing": "still in treatment when the data were drawn",
    }
    return [
        _patient() | {"constraints": {"required": True, "unique": True}},
        _whole("last_session", "Last session", "Last attended, by schedule number.", minimum=1),
        _one_of("ending", "Ending", "As recorded.", endings),
        _one_of(
            "therapist_judged_dropout",
            "Dropout by therapist",
            "The therapist regards the ending as dropout; empty while treatment goes on.",
            YES_NO,
        ),
        _one_of(
            "missed_last_appointment",
            "Missed last appointment",
            "The last scheduled appointment was missed without making it up.",
            YES_NO,
        ),
    ]
