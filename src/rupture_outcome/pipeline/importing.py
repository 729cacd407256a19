"""The commands `new` and `import`: an export becomes a study, once or again."""

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.pipeline.config_yaml import read_yaml
from rupture_outcome.pipeline.import_words import config_text, told
from rupture_outcome.study.importing.build import Imported, build
from rupture_outcome.study.importing.contribution import unknown_columns
from rupture_outcome.study.importing.folder import CONFIG, plan_text, write_again, write_new
from rupture_outcome.study.importing.formats import Place
from rupture_outcome.study.importing.identities import (
    accepted,
    pseudonymised,
    stop_at_the_gate,
    stop_if_written,
    with_therapists,
)
from rupture_outcome.study.importing.mapping import FILE, ROLES, SESSION_ROLES, Plan, from_dict
from rupture_outcome.study.importing.propose import propose, read_again
from rupture_outcome.study.importing.raw import RawTable
from rupture_outcome.study.importing.recognise.decision import Hints
from rupture_outcome.study.importing.settings import dictionary, settings
from rupture_outcome.study.pseudonyms import read_or_make_key

FEWEST_LETTERS = 10
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
NEW_COLUMNS = (
    "  To have them, say in import.yaml what they are, or make the study anew; to leave them out, "
    "list them there under left_out."
)
Say = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What the user asks of `new`.

    Parameters
    ----------
    study : Path
        The folder that is to be made; its last part is the study's name.
    files : tuple of Path or Address
    hints : Hints
    split_courses : bool
    keep_ids : bool
        Leave identifiers as they are.
    key : Path or None
        Of the pseudonyms.
    accept : mapping of str to str
        Columns that the gate lets through, and why.
    yes : bool
        Take what seems to be so without asking.
    """

    study: Path
    files: tuple[Place, ...]
    hints: Hints
    split_courses: bool = False
    keep_ids: bool = False
    key: Path | None = None
    accept: Mapping[str, str] = field(default_factory=dict)
    yes: bool = False


def new_study(request: Request, say: Say, agreed: Callable[[], bool]) -> bool:
    """Make a study of an export.

    Parameters
    ----------
    request : Request
    say : callable
        Shows a text.
    agreed : callable
        Asks whether what was said is right.

    Returns
    -------
    bool
        Whether it was written.
    """
    folder = request.study
    _stop_if_unusable(folder)
    kept = "as_they_are" if request.keep_ids else "pseudonyms"
    proposal = propose(folder.name, request.files, folder, request.hints, kept)
    key = "" if request.keep_ids else _shown(request.key or _usual_key(folder.name))
    plan = replace(proposal.plan, key=key, accept=request.accept)
    plan = replace(plan, second_courses="split") if request.split_courses else plan
    proposal = replace(proposal, plan=plan)
    study = built(proposal.tables, plan)
    undecided = [one for table in proposal.understood for one in table.undecided]
    config, todo = settings(folder.name, study, proposal.instruments, undecided)
    if accepted(plan):
        config["study"]["accept"] = accepted(plan)
    say(told(proposal, study.counts, todo))
    if not request.yes:
        _stop_without_terminal()
        if not agreed():
            return False
    study = anonymous(study, plan, folder)
    names = list(dict.fromkeys(file.name for file in request.files))
    texts = {FILE: plan_text(proposal.plan), CONFIG: config_text(config, todo, names)}
    write_new(folder, study, dictionary(folder.name, study), texts)
    say(_written(folder, study, len(todo)))
    return True


def import_again(folder: Path, say: Say) -> None:
    """Carry out the decisions of a study on an export that was renewed.

    Parameters
    ----------
    folder : Path
    say : callable
    """
    plan = read_plan(folder)
    if plan.identifiers == "pseudonyms" and not Path(plan.key).expanduser().is_file():
        found = "the key of the pseudonyms is not there: persons would get others than before"
        raise StudyError([Problem(plan.key, found, "put it back, or make the study anew")])
    tables = read_again(plan, folder)
    study = anonymous(built(tables, plan), plan, folder)
    for table, source in zip(tables, plan.sources, strict=True):
        if new := unknown_columns(table, source):
            say(f"New in {table.name}, not read: {', '.join(new)}.\n{NEW_COLUMNS}")
    write_again(folder, study, dictionary(plan.name, study))
    say(_written(folder, study, 0))


def built(tables: Sequence[RawTable], plan: Plan) -> Imported:
    """Build a study of tables that the gate lets through.

    Parameters
    ----------
    tables : sequence of RawTable
    plan : Plan
    """
    study = with_therapists(build(tables, plan))
    stop_at_the_gate(tables, plan)
    return study


def anonymous(study: Imported, plan: Plan, folder: Path) -> Imported:
    """Give persons their pseudonyms, and look at what is to be written.

    Parameters
    ----------
    study : Imported
    plan : Plan
    folder : Path
        Of the study, in which the key must not lie.
    """
    if plan.identifiers == "pseudonyms":
        study = pseudonymised(study, read_or_make_key(plan.key, folder))
    stop_if_written(study, accepted(plan))
    return study


def _usual_key(name: str) -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home) / "rupture-outcome" / f"{name}.key"


def _shown(path: Path) -> str:
    """Write a path with ~ for the home of the user, whose name it may hold."""
    whole, home = path.expanduser().resolve(), Path.home().resolve()
    return f"~/{whole.relative_to(home)}" if whole.is_relative_to(home) else str(whole)


def read_plan(folder: Path) -> Plan:
    """Read the decisions of a study.

    Raises
    ------
    StudyError
        There are none, or they say something that nobody knows.
    """
    try:
        return from_dict(read_yaml((folder / FILE).read_text(encoding="utf-8-sig"), FILE))
    except (FileNotFoundError, NotADirectoryError):
        found = "there is no import.yaml in it"
        remedy = "name a folder that rupture-outcome new made"
        raise StudyError([Problem(str(folder), found, remedy)]) from None
    except (UnicodeDecodeError, yaml.YAMLError):
        found, remedy = "this is not readable YAML", "check indentation, colons and quotes"
        raise StudyError([Problem(FILE, found, remedy)]) from None


def hints(
    columns: Sequence[str], wide: Sequence[str], missing: Sequence[str], left_out: Sequence[str]
) -> Hints:
    """Read what the user says about an export.

    Parameters
    ----------
    columns : sequence of str
        ``role=own column``.
    wide, missing, left_out : sequence of str
        See `Hints`; codes may be separated by commas.
    """
    pairs, problems = {}, []
    for given in columns:
        role, _, own = given.partition("=")
        if role not in ROLES or not own:
            known = f"write ROLE=COLUMN; roles: {', '.join(ROLES)}"
            problems.append(Problem("--column", "this names no role and column", known))
        pairs[own] = role
    for given in wide:
        role, is_role, _ = given.partition("=")
        if is_role and role not in SESSION_ROLES:
            known = f"write ROLE=PATTERN; roles: {', '.join(SESSION_ROLES)}"
            problems.append(Problem("--wide", "this names no role of a session", known))
    if problems:
        raise StudyError(problems)
    codes = [code.strip() for given in missing for code in given.split(",")]
    return Hints(pairs, tuple(wide), tuple(codes), tuple(left_out))


def reasons(given: Sequence[str]) -> dict[str, str]:
    """Read which columns the gate is to let through, each with a reason: ``COLUMN=REASON``."""
    pairs = [one.partition("=") for one in given]
    if any(len(reason.strip()) < FEWEST_LETTERS for _, _, reason in pairs):
        found = f"a reason of {FEWEST_LETTERS} letters or more is missing"
        raise StudyError([Problem("--accept", found, "write COLUMN=REASON")])
    return {own: reason.strip() for own, _, reason in pairs}


def _stop_if_unusable(folder: Path) -> None:
    if not NAME.fullmatch(folder.name):
        found = "a study's name has at most 60 letters, digits, _ and -"
        raise StudyError([Problem("the new study", found, "choose another name")])
    if folder.exists():
        found = "there is such a folder or file already, and nothing is overwritten"
        remedy = f"choose another name, or renew it: rupture-outcome import {folder}"
        raise StudyError([Problem(str(folder), found, remedy)])


def _stop_without_terminal() -> None:
    if not sys.stdin.isatty():
        found = "nobody can be asked whether this is right"
        raise StudyError([Problem("no terminal", found, "add --yes to take it as it is")])


def _written(folder: Path, study: Imported, todos: int) -> str:
    n, m = len(study.patients), len(study.sessions)
    lines = [f"Wrote {folder}: {n:,} patients, {m:,} session rows; config.yaml, import.yaml."]
    if todos:
        many = f"Complete {todos} line{'s' if todos > 1 else ''} marked TODO in {folder / CONFIG}"
        lines.append(f"{many}, then:")
    else:
        lines.append("Next:")
    lines.append(f"  rupture-outcome check {folder / CONFIG}")
    return "\n".join(lines)
