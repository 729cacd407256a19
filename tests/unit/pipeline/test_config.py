"""The config: defaults, messages for what is wrong, and the reference page."""

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from rupture_outcome.coding.registry import get_definition, get_repair_rule
from rupture_outcome.errors import StudyError
from rupture_outcome.pipeline.config import complete, load, read_schema, reference

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "config" / "config.yaml"
SMALLEST = {"study": {"name": "s", "data": "d"}}
INSTRUMENT = {
    "measures": "alliance_patient",
    "items": ["a", "b"],
    "range": [1, 5],
    "direction": 1,
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The smallest config with one more key, given as dots."""
    config: dict[str, Any] = copy.deepcopy(SMALLEST)
    *sections, last = path.split(".")
    part = config
    for section in sections:
        part = part.setdefault(section, {})
    part[last] = value
    return config


def message(config: Any) -> str:
    with pytest.raises(StudyError) as stopped:
        complete(config, "my.yaml")
    assert {problem.file for problem in stopped.value.problems} == {"my.yaml"}
    return str(stopped.value)


def test_the_smallest_config_is_completed() -> None:
    config = complete(SMALLEST, "folder/my.yaml")
    assert config["study"]["title"] == "s"
    assert config["study"]["data"] == str(Path("folder/d").resolve())
    assert config["models"]["landmarks"] == [4, 8]
    assert config["coding"]["primary"]["definition"] in config["coding"]["definitions"]
    assert set(config) == set(read_schema()["properties"])


def test_completing_twice_changes_nothing() -> None:
    once = load(EXAMPLE)
    assert complete(once, EXAMPLE) == once


def test_the_config_that_was_given_is_not_changed() -> None:
    given = copy.deepcopy(SMALLEST)
    complete(given, "my.yaml")
    assert given == SMALLEST


def test_sections_left_blank_take_their_defaults() -> None:
    config = complete(
        {**SMALLEST, "models": None, "coding": {"definitions": {"drop_sd": None}}}, ""
    )
    assert config["models"]["link"] == "logit"
    assert config["coding"]["definitions"] == {"drop_sd": {}}


def test_own_codes_that_are_numbers_become_text() -> None:
    config = complete(changed("values.endings.ending", {1: "dropout"}), "my.yaml")
    assert config["values"]["endings"]["ending"] == {"1": "dropout"}


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("modles", {}, "modles: there is no such key, did you mean 'models'?"),
        ("models.lnik", "logit", "models.lnik: there is no such key, did you mean 'link'?"),
        ("models.lnik", "logit", "valid keys in models: link, quadrature"),
        ("study.nmae", "x", "did you mean 'name'?"),
        (
            "clock",
            "atended",
            "expected one of attended, scheduled, weeks, found 'atended', did you",
        ),
        ("models.quadrature", "many", "models.quadrature: expected a whole number, found 'many'"),
        ("models.quadrature", 0, "at least 1"),
        ("models.confidence", 95, "less than 1"),
        ("models.landmarks", 4, "a list"),
        ("models", ["logit"], "models: expected a section of keys, found a list of 1"),
        ("study.name", "my study", "letters, digits"),
        ("study.simulated", "yes", "true or false"),
        ("instruments.WAI", INSTRUMENT, "instruments.WAI: this name cannot be used"),
        (
            "instruments.wai",
            {"range": [1, 5], "direction": 1},
            "instruments.wai.measures: this key is",
        ),
        ("instruments.wai", {**INSTRUMENT, "range": [1]}, "a list of at least 2"),
        ("instruments.wai", {**INSTRUMENT, "range": [5, 1]}, "[lowest, highest]"),
        ("instruments.wai", {**INSTRUMENT, "direction": "up"}, "1, -1"),
        ("instruments.wai", {**INSTRUMENT, "subscales": {"x": ["aa"]}}, "did you mean 'a'?"),
        (
            "instruments.wai",
            {**INSTRUMENT, "reliability": float("nan")},
            "instruments.wai.reliability: expected a finite number, found nan",
        ),
        (
            "instruments.wai",
            {**INSTRUMENT, "range": [-float("inf"), 5]},
            "range: expected a finite",
        ),
        (
            "instruments.alliance",
            {**INSTRUMENT, "subscales": {"patient": ["a"]}},
            "'alliance_patient' is the name of a column of the data contract",
        ),
        ("instruments.wai", {**INSTRUMENT, "items": ["attended", "b"]}, "'attended' is the name"),
        (
            "instruments",
            {
                "w": {**INSTRUMENT, "subscales": {"a_b": ["a"]}},
                "w_a": {**INSTRUMENT, "measures": "symptom", "subscales": {"b": ["a"]}},
            },
            "'w_a_b' is the name of a subscale of instruments.w",
        ),
        ("failure.method", "jt", "did you mean 'JT'?"),
        ("failure.cutoff", "d", "expected one of given, a, b, c"),
        (
            "instruments.wai",
            {**INSTRUMENT, "norms": [{"clinical": [3.0]}]},
            "norms.0.clinical: expected a list of at least 2",
        ),
        (
            "instruments.wai",
            {**INSTRUMENT, "norms": [{"clinical": [3.0, 0]}]},
            "norms.0.clinical: an SD is above 0",
        ),
        (
            "instruments.wai",
            {**INSTRUMENT, "norms": [{"clinical": [3.0, 1.0], "functional": [2.0, 1.0]}]},
            "no better than patients, where higher is better",
        ),
        ("instruments.wai", {**INSTRUMENT, "reliability": 1}, "reliability: expected less than 1"),
        ("models.covariates", "severity", "models.covariates: expected a list"),
        ("study.name", "s" * 300, "study.name"),
        ("study.name", "s\n", "study.name"),
        ("disclosure.threshold", float("nan"), "finite"),
        ("instruments", {"one": INSTRUMENT, "two": INSTRUMENT}, "'one' measures alliance_patient"),
        ("coding.primary.definition", "drop_rci", "add it to coding.definitions"),
        ("coding.primary.definition", "dropsd", "did you mean 'drop_sd'?"),
        ("coding.definitions", {}, "at least 1 entry"),
        ("columns.patients", {"patientid": "x"}, "did you mean 'patient_id'?"),
        ("columns.pateints", {}, "did you mean 'patients'?"),
        ("columns.patients", {"site_id": "x", "unit_id": "x"}, "more than one key"),
        ("values.endings.ending", {"x": "drop-out"}, "did you mean 'dropout'?"),
        ("values.endings.ending", {False: "dropout"}, "put the key in quotes"),
        ("values.endings.end", {"x": "dropout"}, "no column 'end'"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(path: str, value: Any, words: str) -> None:
    assert words in message(changed(path, value))


def test_all_problems_come_at_once() -> None:
    config = {**changed("models.lnik", 1), "sed": 2, "study": {"name": "s"}}
    assert message(config).startswith("3 problems were found.")


@pytest.mark.parametrize("config", [None, {}])
def test_an_empty_config(config: Any) -> None:
    assert "the config is empty" in message(config)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no such file"),
        (b"", "the config is empty"),
        (b"just words", "expected a section of keys, found 'just words'"),
        (b"study:\n  name: 'x\n", "not readable YAML"),
        (b"study: {name: x\nclock: y: z", "near line 2"),
        (b"study:\n  name: \xe4\n", "not UTF-8"),
    ],
)
def test_files_that_cannot_be_read(content: bytes | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StudyError) as stopped:
        load(path)
    assert "study.yaml" in str(stopped.value)
    assert words in str(stopped.value)
    assert str(tmp_path) not in str(stopped.value)


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="cannot be read"):
        load(tmp_path)


def objects(schema: Any, path: str = "config") -> list[tuple[str, dict[str, Any]]]:
    """All parts of the schema that describe a key."""
    found = [(path, schema)]
    for name, part in schema.get("properties", {}).items():
        found += objects(part, f"{path}.{name}")
    for part in schema.get("patternProperties", {}).values():
        found += objects(part, f"{path}.*")
    return found


def test_the_schema_is_valid_and_says_something_about_every_key() -> None:
    jsonschema.Draft202012Validator.check_schema(read_schema())
    for path, part in objects(read_schema()):
        assert part.get("description"), path
        if "properties" in part or "patternProperties" in part:
            assert part["additionalProperties"] is False, path


def test_every_default_is_valid() -> None:
    for path, part in objects(read_schema()):
        if "default" in part:
            jsonschema.Draft202012Validator(part).validate(part["default"])
            assert path


def test_defaults_and_example_name_rules_that_exist() -> None:
    for config in (complete(SMALLEST, "my.yaml"), load(EXAMPLE)):
        for name, given in config["coding"]["definitions"].items():
            get_definition(name).resolve(given)
        for name, given in config["coding"]["repair_rules"].items():
            get_repair_rule(name).resolve(given)


def test_the_reference_page_is_up_to_date() -> None:
    written = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    assert written == reference(), (
        "config/README.md is out of date: run `python -m rupture_outcome.pipeline.config`"
    )


def test_the_example_explains_itself_with_valid_yaml() -> None:
    assert yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["study"]["simulated"] is True


def simulated(folder: Path, **more: str) -> dict[str, Any]:
    return {"study": {"name": "s", "data": str(folder), "simulated": True} | more}


def test_a_copied_config_does_not_call_data_of_persons_simulated(tmp_path: Path) -> None:
    said = message(simulated(tmp_path))
    assert "study.simulated: true, but no truth.json lies beside the data" in said
    assert "set it to false" in said
    assert "study.simulated_because" in said


def test_a_truth_or_a_written_reason_makes_data_simulated(tmp_path: Path) -> None:
    reason = {"simulated_because": "drawn in R, the code is kept elsewhere"}
    assert complete(simulated(tmp_path, **reason), "my.yaml")["study"]["simulated"]
    assert "study.simulated_because" in message(simulated(tmp_path, simulated_because=""))
    (tmp_path / "truth.json").write_text("{}")
    assert complete(simulated(tmp_path), "my.yaml")["study"]["simulated"]


def written(folder: Path, text: str) -> str:
    """What is said about a config file of this text."""
    (folder / "my.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as stopped:
        load(folder / "my.yaml")
    assert {problem.file for problem in stopped.value.problems} == {"my.yaml"}
    return str(stopped.value)


BOMB = "a0: &a0 [x, y]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 27))


def test_a_config_that_holds_far_more_than_it_shows_is_refused(tmp_path: Path) -> None:
    said = written(tmp_path, BOMB)
    assert "it would hold more than 20,000 values" in said
    assert len(said) < 500


@pytest.mark.parametrize(
    "text", ["disclosure: &a {threshold: *a}\n", "seed: " + "[" * 5000 + "]" * 5000]
)
def test_a_config_that_holds_itself_or_has_no_end_is_refused(tmp_path: Path, text: str) -> None:
    said = written(tmp_path, text)
    assert "nested too deeply, or holds itself" in said
    assert len(said) < 500


def test_aliases_may_be_used(tmp_path: Path) -> None:
    text = "study: {name: s, data: d}\nmodels: {landmarks: &l [3, 6], covariates: []}\n"
    (tmp_path / "my.yaml").write_text(text + "columns: {patients: &x {}, sessions: *x}\n")
    assert load(tmp_path / "my.yaml")["models"]["landmarks"] == [3, 6]


def test_a_key_given_twice_is_named_with_its_lines(tmp_path: Path) -> None:
    text = (
        "study: {name: s, data: d}\n"
        "disclosure: {threshold: 10}\n"
        "models:\n  link: logit\n  link: cloglog\n"
        "disclosure: {threshold: 0}\n"
    )
    said = written(tmp_path, text)
    assert "disclosure: this key is given 2 times, in lines 2, 6" in said
    assert "models.link: this key is given 2 times, in lines 4, 5" in said


@pytest.mark.parametrize("name", ["s" * 300, "s\n", "s\n\n", "", "../s"])
def test_a_name_that_is_no_folder_name_is_refused(name: str) -> None:
    said = message({"study": {"name": name, "data": "d"}})
    assert said.startswith("1 problem was found.\n  1. my.yaml: study.name: expected a")


def test_the_longest_name_may_be_used() -> None:
    assert complete({"study": {"name": "s" * 60, "data": "d"}}, "my.yaml")
