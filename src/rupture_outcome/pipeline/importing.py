"""The commands `new` and `import`: an export becomes a study, once or again."""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.pipeline.config_yaml import read_yaml
from rupture_outcome.pipeline.import_words import config_text, told
from rupture_outcome.study.importing.build import Imported, build
from rupture_outcome.study.importing.folder import CONFIG, plan_text, write_again, write_new
from rupture_outcome.study.importing.identities import with_identities
from rupture_outcome.study.importing.mapping import FILE, ROLES, SESSION_ROLES, Plan, from_dict
from rupture_outcome.study.importing.propose import propose, read_again
from rupture_outcome.study.importing.raw import RawTable
from rupture_outcome.study.importing.recognise.decision import Hints
from rupture_outcome.study.importing.settings import dictionary, settings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What the user asks of `new`.

    Parameters
    ----------
    study : Path
        The folder that is to be made; its last part is the study's name.
    files : tuple of Path
    hints : Hints
    split_courses : bool
    yes : bool
        Take what seems to be so without asking.
    """

    study: Path
    files: tuple[Path, ...]
    hints: Hints
    split_courses: bool = False
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
    proposal = propose(folder.name, request.files, folder, request.hints, "as_they_are")
    if request.split_courses:
        proposal = replace(proposal, plan=replace(proposal.plan, second_courses="split"))
    study = finished(proposal.tables, proposal.plan)
    undecided = [one for table in proposal.understood for one in table.undecided]
    config, todo = settings(folder.name, study, proposal.instruments, undecided)
    say(told(proposal, study.counts, todo))
    if not request.yes:
        _stop_without_terminal()
        if not agreed():
            return False
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
    study = finished(read_again(plan, folder), plan)
    write_again(folder, study, dictionary(plan.name, study))
    say(_written(folder, study, 0))


def finished(tables: Sequence[RawTable], plan: Plan) -> Imported:
    """Build a study whose persons nobody can tell.

    Parameters
    ----------
    tables : sequence of RawTable
    plan : Plan
    """
    return with_identities(build(tables, plan))


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
