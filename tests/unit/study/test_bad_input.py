"""Each bad input stops with file, column, lines and what to do, and gives no identifier away."""

from collections.abc import Callable

import pytest

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.pipeline.config import load
from rupture_outcome.study.gate.admission import accepted_notes
from rupture_outcome.study.read import read_study
from tests.unit.study.toy_study import IDS, ToyStudy

Break = Callable[[ToyStudy], object]
Where = tuple[str, str | None, tuple[int, ...]]


def problems_of(toy: ToyStudy) -> tuple[Problem, ...]:
    config = load(toy.write())
    with pytest.raises(StudyError) as stopped:
        read_study(config)
    message = str(stopped.value)
    assert not [one for one in IDS if one in message]
    assert all(problem.remedy for problem in stopped.value.problems)
    return stopped.value.problems


def the_same_session_again(toy: ToyStudy) -> None:
    toy.tables["sessions"].append(["Q73", "1", "2", "1", "4", "5", "5", "5", "9"])


def dates_for_days(toy: ToyStudy) -> None:
    toy.set("sessions", 2, "day", "2024-03-05")
    toy.set("sessions", 5, "day", "05.03.2024")


def an_extra_column(toy: ToyStudy) -> None:
    for row in toy.tables["patients"]:
        row.append("extra")


def no_alliance_at_all(toy: ToyStudy) -> None:
    for item in ("i1", "i2", "i3", "i4"):
        for line in range(2, 8):
            toy.set("sessions", line, item, "")
    del toy.tables["ratings"], toy.package["resources"][2]


def a_row_too_short(toy: ToyStudy) -> None:
    toy.tables["sessions"][3] = ["Q71", "3"]


def a_second_course(toy: ToyStudy) -> None:
    again = [["Q71", str(nr), str(200 + 7 * nr), "1", "2", "2", "2", "2", "20"] for nr in (1, 2, 3)]
    toy.tables["sessions"] += again


def nobody_came(toy: ToyStudy) -> None:
    for line in range(2, 8):
        toy.set("sessions", line, "attended", "0")
    for line in range(2, 5):
        toy.set("endings", line, "last_session", "")


def days_from(toy: ToyStudy, start: int) -> None:
    for row in toy.tables["sessions"][1:]:
        row[2] = str(start + int(row[2]))


def delivered_and_made_of_items(toy: ToyStudy) -> None:
    toy.config["columns"]["sessions"]["alliance_patient"] = "symptom"
    toy.config["instruments"].pop("symptoms")


BROKEN: dict[str, tuple[Break, list[Where], str]] = {
    "no sessions table": (
        lambda toy: toy.package["resources"].pop(1),
        [("datapackage.json", None, ())],
        "no resource is named 'sessions'",
    ),
    "misspelt table": (
        lambda toy: toy.resource("ratings").update(name="rating"),
        [("datapackage.json", None, ())],
        "did you mean 'rating'?",
    ),
    "no file": (
        lambda toy: toy.resource("endings").update(path="gone.csv"),
        [("datapackage.json", None, ())],
        "gone.csv",
    ),
    "unknown format": (
        lambda toy: toy.resource("endings").update(format="xlsx"),
        [("endings.csv", None, ())],
        "csv",
    ),
    "invalid dictionary": (
        lambda toy: toy.field("patients", "severity").update(type="float"),
        [("datapackage.json", None, ())],
        "float",
    ),
    "declared date": (
        lambda toy: (
            toy.field("sessions", "day").update(type="date", decimalChar=None)
            or toy.field("sessions", "day").pop("decimalChar")
        ),
        [("datapackage.json", "day", ())],
        "days since intake",
    ),
    "zero bytes": (
        lambda toy: toy.tables["patients"].clear(),
        [("patients.csv", None, ())],
        "empty",
    ),
    "header only": (
        lambda toy: toy.tables["sessions"].__delitem__(slice(1, None)),
        [("sessions.csv", None, ())],
        "no rows",
    ),
    "required column missing": (
        lambda toy: toy.drop("sessions", "nr"),
        [("sessions.csv", "nr", ())],
        "every study needs it",
    ),
    "mapped column misspelt": (
        lambda toy: toy.config["columns"]["sessions"].update(session="nrr"),
        [("sessions.csv", "nrr", ())],
        "did you mean 'nr'?",
    ),
    "item missing": (
        lambda toy: toy.drop("sessions", "i4"),
        [("sessions.csv", "i4", ())],
        "the config names it",
    ),
    "ending not in the table": (
        lambda toy: toy.drop("endings", "ending"),
        [("endings.csv", "ending", ())],
        "recorded_ending",
    ),
    "declared, not in the file": (
        lambda toy: toy.drop("patients", "severity", from_dictionary=False),
        [("patients.csv", "severity", ())],
        "remove it from the dictionary",
    ),
    "in the file, not declared": (
        an_extra_column,
        [("patients.csv", "extra", ())],
        "declare it",
    ),
    "header twice": (
        lambda toy: toy.set("patients", 1, "severity", "code"),
        [("patients.csv", "code", (1,))],
        "2 times",
    ),
    "row too short": (a_row_too_short, [("sessions.csv", None, (4,))], "9 cells"),
    "text in a number": (
        lambda toy: toy.set("sessions", 4, "i1", "often"),
        [("sessions.csv", "i1", (4,))],
        "whole numbers",
    ),
    "decimal point for comma": (
        lambda toy: toy.set("patients", 2, "severity", "12.5"),
        [("patients.csv", "severity", (2,))],
        "decimalChar",
    ),
    "undeclared missing code": (
        lambda toy: toy.set("sessions", 4, "i1", "#NULL!"),
        [("sessions.csv", "i1", (4,))],
        "missingValues",
    ),
    "undeclared missing code in text": (
        lambda toy: toy.set("patients", 3, "therapist_id", "NULL"),
        [("patients.csv", "therapist_id", (3,))],
        "missingValues",
    ),
    "dates for days": (dates_for_days, [("sessions.csv", "day", (2, 5))], "calendar dates"),
    "item out of range": (
        lambda toy: toy.set("sessions", 7, "i2", "6"),
        [("sessions.csv", "i2", (7,))],
        "from 1 to 5, found 6",
    ),
    "score out of range": (
        lambda toy: toy.set("sessions", 2, "symptom", "28"),
        [("sessions.csv", "symptom", (2,))],
        "from 0 to 27, found 28",
    ),
    "missing code taken for a score": (
        lambda toy: toy.resource("sessions")["schema"].pop("missingValues"),
        [("sessions.csv", "symptom", (4,))],
        "missingValues",
    ),
    "unknown ending": (
        lambda toy: toy.set("endings", 3, "ending", "ZZ9 left town"),
        [("endings.csv", "ending", (3,))],
        "dropout, completed, agreed",
    ),
    "key missing": (
        lambda toy: toy.set("sessions", 3, "nr", ""),
        [("sessions.csv", "nr", (3,))],
        "must not be missing",
    ),
    "session 0": (
        lambda toy: toy.set("sessions", 5, "nr", "0"),
        [("sessions.csv", "nr", (5,))],
        "from 1 to 10000, found 0",
    ),
    "patient twice": (
        lambda toy: toy.tables["patients"].append(["Q71", "HH2", "3"]),
        [("patients.csv", None, (2, 5))],
        "'code'",
    ),
    "ending twice": (
        lambda toy: toy.tables["endings"].append(["Q71", "3", "done"]),
        [("endings.csv", None, (2, 5))],
        "more than one row",
    ),
    "rating twice": (
        lambda toy: toy.tables["ratings"].append(["Q71", "1", "R1", "4"]),
        [("ratings.csv", None, (2, 4))],
        "'rater_id'",
    ),
    "conflicting sessions": (
        the_same_session_again,
        [("sessions.csv", None, (7, 8))],
        "cleaning.conflicting_sessions",
    ),
    "session of an unknown patient": (
        lambda toy: toy.set("sessions", 7, "code", "ZZ9"),
        [("sessions.csv", "code", (7,))],
        "no row in patients.csv",
    ),
    "ending of an unknown patient": (
        lambda toy: toy.tables["endings"].append(["ZZ9", "", "ongoing"]),
        [("endings.csv", "code", (5,))],
        "no row in patients.csv",
    ),
    "no ending": (
        lambda toy: toy.tables["endings"].pop(),
        [("sessions.csv", "code", (7,))],
        "no row in endings.csv",
    ),
    "last session too early": (
        lambda toy: toy.set("endings", 2, "last_session", "1"),
        [("endings.csv", "last_session", (2,))],
        "later session",
    ),
    "last session not held": (
        lambda toy: toy.set("endings", 3, "last_session", "3"),
        [("endings.csv", "last_session", (3,))],
        "no attended session",
    ),
    "days go back": (
        lambda toy: toy.set("sessions", 4, "day", "5"),
        [("sessions.csv", "day", (4,))],
        "preceding session",
    ),
    "rating of a missed session": (
        lambda toy: toy.set("ratings", 3, "session", "2"),
        [("ratings.csv", "session", (3,))],
        "no attended session",
    ),
    "no source of ruptures": (
        no_alliance_at_all,
        [("sessions.csv", None, ())],
        "alliance_patient or alliance_therapist",
    ),
    "score delivered and made of items": (
        delivered_and_made_of_items,
        [("sessions.csv", "symptom", ())],
        "instruments.short",
    ),
    "a second course of treatment": (
        a_second_course,
        [("sessions.csv", None, (2, 3, 4, 8, 9, 10))],
        "second course",
    ),
    "an item in words": (
        lambda toy: toy.field("sessions", "i1").update(type="string"),
        [("sessions.csv", "i1", ())],
        "instruments.short, which are added up, and datapackage.json declares it as 'string'",
    ),
    "an item without a type": (
        lambda toy: toy.field("sessions", "i1").pop("type"),
        [("sessions.csv", "i1", ())],
        "as 'any'",
    ),
    "a range without an end": (
        lambda toy: toy.field("sessions", "i1").update(constraints={"minimum": float("nan")}),
        [("datapackage.json", "i1", ())],
        "a minimum that is no number",
    ),
    "a pattern that is none": (
        lambda toy: toy.field("patients", "code").update(constraints={"pattern": "(P"}),
        [("datapackage.json", "code", ())],
        "no regular expression",
    ),
    "yes and no alike": (
        lambda toy: toy.field("sessions", "attended").update(
            type="boolean", trueValues=["1"], falseValues=["1", "0"]
        ),
        [("datapackage.json", "attended", ())],
        "under trueValues and falseValues",
    ),
    "a delimiter of two characters": (
        lambda toy: toy.resource("endings").update(dialect={"delimiter": ";;"}),
        [("datapackage.json", None, ())],
        "delimiter in its dialect that is not one character",
    ),
    "an empty delimiter": (
        lambda toy: toy.resource("endings").update(dialect={"delimiter": ""}),
        [("datapackage.json", None, ())],
        "not one character",
    ),
    "a quote of two characters": (
        lambda toy: toy.resource("endings").update(dialect={"delimiter": ";", "quoteChar": "''"}),
        [("datapackage.json", None, ())],
        "quoteChar",
    ),
    "NUL in a cell": (
        lambda toy: toy.set("endings", 3, "ending", "drop\0out"),
        [("endings.csv", None, (3,))],
        "NUL",
    ),
    "digits of another script": (
        lambda toy: toy.set("sessions", 4, "i1", "\u0663"),
        [("sessions.csv", "i1", (4,))],
        "whole numbers",
    ),
    "a session number that no computer holds": (
        lambda toy: toy.set("sessions", 4, "nr", str(2**63)),
        [("sessions.csv", "nr", (4,))],
        "whole numbers",
    ),
    "nobody came": (
        nobody_came,
        [("sessions.csv", "attended", ())],
        "no session was attended",
    ),
    "days since 1970": (
        lambda toy: days_from(toy, 9000),
        [("sessions.csv", "day", ())],
        "these look like dates",
    ),
    "days as spreadsheets keep them": (
        lambda toy: days_from(toy, 44197),
        [("sessions.csv", "day", (2, 3, 4, 5, 6, 7))],
        "days that count from 1900 or 1970",
    ),
    "a name": (
        lambda toy: toy.rename("patients", "severity", "client_name"),
        [("patients.csv", "client_name", ())],
        "pseudonyms",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_bad_input_is_named_with_file_column_and_lines(case: str, toy: ToyStudy) -> None:
    broken, where, words = BROKEN[case]
    broken(toy)
    problems = problems_of(toy)
    assert [(p.file, p.column, tuple(p.rows)) for p in problems] == where
    assert words in " ".join(str(problem) for problem in problems)


def test_all_problems_come_at_once(toy: ToyStudy) -> None:
    toy.set("sessions", 2, "symptom", "28")
    toy.set("endings", 3, "ending", "vanished")
    toy.tables["patients"].append(["Q71", "HH2", "3"])
    assert {p.file for p in problems_of(toy)} == {"sessions.csv", "endings.csv", "patients.csv"}


def test_free_text_is_not_repeated(toy: ToyStudy) -> None:
    toy.set("sessions", 4, "i1", "felt hurt by HH1")
    assert "hurt" not in str(problems_of(toy)[0])


def test_no_dictionary(toy: ToyStudy) -> None:
    config = load(toy.write())
    (toy.folder / "data" / "datapackage.json").unlink()
    with pytest.raises(StudyError, match=r"datapackage.json: the study's folder holds no"):
        read_study(config)


def test_a_dictionary_that_is_no_json(toy: ToyStudy) -> None:
    config = load(toy.write())
    (toy.folder / "data" / "datapackage.json").write_text('{"name": "toy",\n "resources": [}')
    with pytest.raises(StudyError, match=r"not valid JSON.* at line 2"):
        read_study(config)


def test_a_dictionary_that_says_a_thing_twice(toy: ToyStudy) -> None:
    config = load(toy.write())
    file = toy.folder / "data" / "datapackage.json"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"path":', '"path": "a.csv", "path":', 1), encoding="utf-8")
    with pytest.raises(StudyError, match="given more than once in one object: path"):
        read_study(config)


def test_wrong_encoding(toy: ToyStudy) -> None:
    config = load(toy.write())
    path = toy.folder / "data" / "endings.csv"
    path.write_bytes(path.read_bytes().replace(b"ongoing", b"l\xe4uft"))
    with pytest.raises(StudyError, match=r"endings.csv: the text is not in the encoding"):
        read_study(config)


def test_a_file_that_is_not_what_its_name_says(toy: ToyStudy) -> None:
    toy.resource("endings").update(path="endings.csv.gz")
    config = load(toy.write())
    data = toy.folder / "data"
    (data / "endings.csv").rename(data / "endings.csv.gz")
    with pytest.raises(StudyError, match=r"endings.csv.gz: by its name .* compressed by gzip"):
        read_study(config)


def test_a_file_that_may_not_be_read(toy: ToyStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    config = load(toy.write())
    monkeypatch.setattr("rupture_outcome.study.text.pa.input_stream", refuse)
    with pytest.raises(StudyError, match=r"patients.csv: the file may not be read"):
        read_study(config)


def test_two_patients_are_no_study(tmp_path) -> None:
    toy = ToyStudy(tmp_path)
    for table, rows in toy.tables.items():
        toy.tables[table] = [row for row in rows if row[0] != "Q73"]
    with pytest.raises(StudyError) as told:
        read_study(load(toy.write()))
    problem = told.value.problems[0]
    assert "at least 3 patients with an attended session, found 2" in problem.expected
    assert "import rupture_outcome" in problem.remedy


def test_a_column_that_is_not_read_is_looked_at_and_a_reason_lets_it_through(toy: ToyStudy) -> None:
    for row, cell in zip(
        toy.tables["patients"], ["region", "10115", "04109", "50667"], strict=True
    ):
        row.append(cell)
    toy.resource("patients")["schema"]["fields"].append({"name": "region", "type": "string"})
    [problem] = problems_of(toy)
    assert (problem.file, problem.column, list(problem.rows)) == (
        "patients.csv",
        "region",
        [2, 3, 4],
    )
    assert not any(cell in str(problem) for cell in ("10115", "04109", "50667"))
    toy.config["study"]["accept"] = {"region": "made up, as every cell here"}
    study = read_study(load(toy.write()))
    [note] = accepted_notes(study.gate["finding"].tolist(), toy.config["study"]["accept"])
    assert "'region' was let through" in note
    assert "made up" in note


def test_a_file_that_nothing_reads_and_a_description_are_looked_at(toy: ToyStudy) -> None:
    (toy.folder / "data").mkdir(exist_ok=True)
    (toy.folder / "data" / "extra.csv").write_text("code,x\nQ71,a.m@clinic.org\n", encoding="utf-8")
    fields = [{"name": "code"}, {"name": "x"}]
    toy.package["resources"].append(
        {"name": "extra", "path": "extra.csv", "schema": {"fields": fields}}
    )
    [problem] = problems_of(toy)
    assert (problem.file, problem.column, list(problem.rows)) == ("extra.csv", "x", [2])
    toy.package["description"] = "Ask a.m@clinic.org"
    said = " ".join(str(problem) for problem in problems_of(toy))
    assert "the description of the study" in said
    assert "clinic" not in said


def test_a_name_that_is_a_person_is_not_repeated(toy: ToyStudy) -> None:
    toy.rename("patients", "severity", "Meier, Anna")
    said = " ".join(str(problem) for problem in problems_of(toy))
    assert "the name of column 3" in said
    assert "Meier" not in said


def test_a_scale_that_begins_elsewhere_is_told_as_such(toy: ToyStudy) -> None:
    for column in ("i1", "i2", "i3", "i4"):
        at = toy.tables["sessions"][0].index(column)
        for row in toy.tables["sessions"][1:]:
            row[at] = str(int(row[at]) - 1) if row[at] else ""
    said = [problem for problem in problems_of(toy) if "begins elsewhere" in problem.expected]
    assert said
    assert "declared as 1 to 5, the values are 0 to 4 or part of it" in said[0].expected
    assert "declare the range that the answers were coded in" in said[0].remedy


def test_more_columns_than_anybody_needs_are_refused_at_once(toy: ToyStudy) -> None:
    wide = [f"x{i}" for i in range(100_000)]
    toy.tables["sessions"][0] += wide
    for row in toy.tables["sessions"][1:]:
        row += ["1"] * len(wide)
    [problem] = problems_of(toy)
    assert problem.file == "sessions.csv"
    assert "100,009 columns" in problem.expected
    assert "needs" in problem.remedy
    toy.resource("sessions")["schema"]["fields"] += [{"name": name} for name in wide]
    [problem] = problems_of(toy)
    assert problem.file == "datapackage.json"
    assert "100,009 columns" in problem.expected
