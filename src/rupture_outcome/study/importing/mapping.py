"""Every decision of an import, as `import.yaml` keeps it: declarative, and the same both ways."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from rupture_outcome.errors import Problem, StudyError, did_you_mean
from rupture_outcome.study import contract

FILE = "import.yaml"
# What an export may say beside the columns of the data contract.
HELPERS = ("date", "intake", "age", "no_show", "dropout", "item", "answer")
PATIENT_ROLES = (*contract.names("patients"), "age", "intake")
ENDING_ROLES = (*contract.names("endings")[1:], "dropout")
SESSION_ROLES = (*contract.names("sessions")[1:], "date", "no_show")
ROLES = tuple(dict.fromkeys((*PATIENT_ROLES, *SESSION_ROLES, *ENDING_ROLES, *HELPERS)))
ROWS = ("patient", "session", "item")
ATTENDANCE = ("attended", "missed", "no_show", "cancelled", "cancelled_by_clinic")


@dataclass(frozen=True)
class Source:
    """How one table of an export is understood.

    Parameters
    ----------
    file : str
        Path of the file, relative to the study's folder, or address of a database.
    rows : str
        What a row is: a ``patient``, a ``session``, or an answer to an ``item``.
    columns : mapping of str to str
        For a column of the data contract, or one of `HELPERS`, the export's own.
    wide : mapping of str to str
        How the columns of a score, item or date are called where every session has its own.
    items : mapping of str to str
        For an item, its column; where a row is an item, the text that names it.
    codes : mapping of str to mapping
        What the export's codes mean, by the column they stand in.
    missing : mapping of str to list
        Codes for missing values by own column; ``all`` for every column.
    date_format : str or None
        Of dates as texts.
    options : mapping
        How the file is read.
    left_out : mapping of str to str
        Own columns that are not read, and why.
    """

    file: str
    rows: str
    columns: Mapping[str, str] = field(default_factory=dict)
    wide: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, list[str]] = field(default_factory=dict)
    date_format: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


# What each choice of an import may be; the first is taken where nothing is said.
CHOICES = {
    "session_number": ("column", "dates", "order"),
    "second_courses": ("stop", "split"),
    "identifiers": ("pseudonyms", "as_they_are"),
}


@dataclass(frozen=True)
class Plan:
    """All decisions of an import.

    Parameters
    ----------
    name : str
        Of the study.
    sources : tuple of Source
    session_number : str
        Numbers stand in a ``column`` (or in the names of wide columns), follow from ``dates``, or
        from the ``order`` of rows.
    second_courses : str
        ``split`` makes numbering that begins again a patient of its own.
    identifiers : str
        ``pseudonyms`` replaces those of patients and therapists; ``as_they_are`` keeps them.
    key : str
        File that holds the key of the pseudonyms; never in the study's folder.
    accept : mapping of str to str
        Own columns that the gate lets through, and why.
    """

    name: str
    sources: tuple[Source, ...]
    session_number: str = "column"
    second_courses: str = "stop"
    identifiers: str = "pseudonyms"
    key: str = ""
    accept: Mapping[str, str] = field(default_factory=dict)


def to_dict(plan: Plan) -> dict[str, Any]:
    """Give a plan as plain values; what is empty is left out."""
    given = asdict(plan)
    sources = [{key: one for key, one in source.items() if one} for source in given.pop("sources")]
    plain = {key: one for key, one in given.items() if one}
    return plain | {"sources": sources}


def from_dict(given: Any) -> Plan:
    """Make a plan of what `import.yaml` says.

    Raises
    ------
    StudyError
        It says something that nobody knows; all problems at once.

    Examples
    --------
    >>> plan = Plan("diary", (Source("a.csv", "session", {"patient_id": "ID"}),))
    >>> from_dict(to_dict(plan)) == plan
    True
    """
    problems = list(_wrong(given))
    if problems:
        raise StudyError([Problem(FILE, *words) for words in problems])
    sources = tuple(Source(**source) for source in given["sources"])
    return Plan(**{**given, "sources": sources})


def _wrong(given: Any) -> Any:
    if not isinstance(given, Mapping) or not {"name", "sources"} <= set(given):
        yield "the file does not describe an import", "make it anew: rupture-outcome new"
        return
    yield from _unknown("", given, [one.name for one in fields(Plan)])
    for key, known in CHOICES.items():
        if given.get(key, known[0]) not in known:
            yield f"{key}: expected one of {', '.join(known)}", "correct it"
    for key in ("name", "key"):
        if not isinstance(given.get(key, ""), str):
            yield f"{key}: expected a text", "put it in quotes"
    accept = given.get("accept", {})
    if not isinstance(accept, Mapping) or not all(isinstance(one, str) for one in accept.values()):
        yield "accept: expected columns with reasons", "write one entry a line, indented"
    if not isinstance(given["sources"], list) or not given["sources"]:
        yield "sources: expected a list of tables", "make the file anew: rupture-outcome new"
        return
    for i, source in enumerate(given["sources"], 1):
        yield from _wrong_source(f"sources[{i}]", source)


def _wrong_source(where: str, given: Any) -> Any:
    if not isinstance(given, Mapping) or not {"file", "rows"} <= set(given):
        yield f"{where}: expected at least file and rows", "see docs/your-own-study.md"
        return
    yield from _unknown(f"{where}.", given, [one.name for one in fields(Source)])
    if given["rows"] not in ROWS:
        yield f"{where}.rows: expected one of {', '.join(ROWS)}", "correct it"
    for key in ("columns", "wide", "items", "left_out"):
        one = given.get(key, {})
        texts = isinstance(one, Mapping) and all(
            isinstance(part, str) for pair in one.items() for part in pair
        )
        if not texts:
            yield f"{where}.{key}: expected names and names, as texts", "put numbers in quotes"
    if isinstance(given.get("columns", {}), Mapping):
        yield from _unknown(f"{where}.columns.", given.get("columns", {}), ROLES)
    for key in ("codes", "missing", "options"):
        if not isinstance(given.get(key, {}), Mapping):
            yield f"{where}.{key}: expected a section", "write one entry a line, indented"
    for column, codes in _section(given, "codes").items():
        if not isinstance(codes, Mapping) or not all(isinstance(c, str) for c in codes):
            yield f"{where}.codes.{column}: expected codes as texts", "put them in quotes"
    for column, codes in _section(given, "missing").items():
        if not isinstance(codes, list):
            yield f"{where}.missing.{column}: expected a list of codes", 'write ["-99"]'


def _section(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    one = given.get(key, {})
    return one if isinstance(one, Mapping) else {}


def _unknown(where: str, given: Mapping[str, Any], known: Any) -> Any:
    for key in given:
        if key not in known:
            yield (
                f"{where}{key}: nobody knows this key{did_you_mean(str(key), known)}",
                f"valid keys: {', '.join(known)}",
            )
