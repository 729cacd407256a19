"""What an import says: the words of its codes, and the comments in the config it writes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from rupture_outcome.study.contract import fields
from rupture_outcome.study.gate.properties import makers
from rupture_outcome.study.importing.propose import Proposal
from rupture_outcome.study.importing.recognise.decision import Open
from rupture_outcome.study.importing.settings import TODO

SHAPES = {
    "one_row_a_patient_wide": "one row a patient, with columns for every session",
    "one_row_a_patient": "one row a patient",
    "one_row_a_session": "one row a session",
    "one_row_a_visit": "one row a visit; visits are numbered by their dates",
    "one_row_an_answer": "one row an answer to an item",
}
NUMBERING = {
    "column": "",
    "dates": "Sessions are numbered by their dates; days since intake are kept, dates are not.",
    "order": "Nothing numbers or dates the sessions: they are numbered in the order of rows.",
}
WHY = {
    "told": "you said so",
    "name": "by its name",
    "label": "by its label",
    "dates": "it holds dates",
    "serial_dates": "it holds dates as spreadsheets count them",
}
LEFT_OUT = {
    "told": "you said so",
    "identifying": "by its name it holds what identifies persons, dates or free text",
    "date": "a date",
    "serial_dates": "a date as spreadsheets count it",
    "free_text": "free text",
    "empty": "empty",
    "another": "another column was taken for this",
    "made_from_items": "the score is made of its items",
    "items_of_nothing": "items of a questionnaire that is not known, or that has a total",
    "bookkeeping": "bookkeeping of the export",
    "form_status": "status of a form",
    "checkbox": "a choice among several",
    "unknown": "not recognised",
}
HELPERS = {
    "date": "day (days since intake; the dates are not kept)",
    "intake": "day (counted from it; the dates are not kept)",
    "age": "age_band",
    "no_show": "attended (no-shows are missed)",
    "dropout": "ending (yes: dropout; no: completed)",
    "item": "names of items",
    "answer": "answers to items",
}
COUNTS = {
    "joined_rows": "{n} rows were joined with others of the same session; no cell disagreed.",
    "second_courses": "{n} patients have a numbering that begins again: taken as a second course "
    "of treatment, each a patient of its own.",
    "outside_sessions": "{n} rows hold scores outside of sessions (such as a baseline event): not "
    "among the sessions; the first symptom score became severity where nothing else is.",
    "patients_only_in_sessions": "{n} patients have sessions but no row of their own: nothing else "
    "is known of them.",
    "cancelled_by_clinic": "{n} appointments were cancelled by the clinic: not held, and no "
    "patient stayed away from them.",
    "last_sessions_added": "{n} last sessions that endings tell have no answers: added as "
    "attended.",
    "endings_from_flag": "{n} endings come from a flag: 'no' became completed; recode those that "
    "go on as ongoing.",
    "unknown_therapists": "{n} patients have no known therapist: each is taken as treated by a "
    "therapist of their own, so that they tell nothing about differences between therapists.",
}
TODOS = {
    "range": "lowest and highest possible score, such as [1, 7]",
    "direction": "1 if higher is better, -1 if lower is better",
    "no_source": "no rating of the alliance and no report of ruptures was recognised",
    "no_repair": "a repair rule for it, see docs/definitions",
    "no_ending": "nothing tells how treatments ended; make the study anew with "
    "--column ending=NAME or --column dropout=NAME",
}


def told(proposal: Proposal, counts: Mapping[str, int], todo: Sequence[Open]) -> str:
    """Say what was read, what it seems to be, and what could not be decided.

    Parameters
    ----------
    proposal : Proposal
    counts : mapping of str to int
        What building the study did.
    todo : sequence of Open
    """
    lines: list[str] = []
    for table, one in zip(proposal.tables, proposal.understood, strict=True):
        rows, columns = table.frame.shape
        lines += [f"Read {table.name}: {rows:,} rows, {columns:,} columns{_how(table.options)}."]
        lines += [f"  Shape: {SHAPES[one.shape]}."]
        kept = [d for d in one.decisions if not d.left_out and d.why != "items"]
        width = max((len(d.column) for d in kept), default=0)
        for decision in kept:
            became = HELPERS.get(decision.became, decision.became)
            lines += [f"  {decision.column:<{width}} → {became} ({WHY[decision.why]})"]
        items = [d.column for d in one.decisions if d.why == "items"]
        lines += [f"  Items: {items[0]} … {items[-1]} ({len(items)})"] if items else []
        lines += _codes(one.source.codes)
        lines += _missing(one.source.missing, table.blanked)
        left: dict[str, list[str]] = {}
        for decision in one.decisions:
            if decision.left_out:
                left.setdefault(decision.why, []).append(decision.column)
        lines += [f"  Left out, {_left_out(why)}: {', '.join(own)}" for why, own in left.items()]
    made = list(dict.fromkeys(w for table in proposal.tables for w in makers(table.properties)))
    if made:
        lines += [f"Who made the file stands in it ({', '.join(made)}): not kept, see to it before"]
        lines += ["you pass the file on."]
    if proposal.others:
        names = ", ".join(proposal.others)
        lines += [f"Left out, no column identifies patients (--column patient_id=NAME): {names}"]
    for scale in proposal.instruments:
        of = f"{scale.use}, " if scale.use else ""
        of += f"{len(scale.items)} items, " if scale.items else ""
        span = f"{scale.range[0]:g} to {scale.range[1]:g}" if scale.range else "range open"
        lines += [f"Questionnaire {scale.name}: {of}{span}, measures {scale.measures}."]
    if proposal.plan.identifiers == "as_they_are":
        lines += ["Identifiers are kept as they are: make sure that they are pseudonyms."]
    else:
        lines += [
            "Identifiers of patients and therapists are replaced by pseudonyms; their key is "
            f"{proposal.plan.key},",
            "which those who get the study must not have.",
        ]
    lines += [NUMBERING[proposal.plan.session_number]]
    lines += [COUNTS[key].format(n=f"{n:,}") for key, n in counts.items() if n and key in COUNTS]
    if todo:
        lines += ["Could not be decided, marked TODO in config.yaml:"]
        lines += [f"  {one.key}: {_todo(one)}" for one in todo]
    return "\n".join(line for line in lines if line)


def _left_out(why: str) -> str:
    if why.startswith("one_of:"):
        role = why.partition(":")[2]
        return f"each could be {role} (say which: --column {role}=NAME)"
    return LEFT_OUT[why]


def _how(options: Mapping[str, Any]) -> str:
    words = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "bar"}
    parts = []
    if "delimiter" in options:
        parts += [f"{words[options['delimiter']]}-separated", str(options["encoding"])]
        parts += ["decimal comma"] if options["decimal"] == "," else []
    if len(options.get("header", [])) > 1:
        parts += ["two rows of headers"]
    return f" ({', '.join(parts)})" if parts else ""


def _codes(codes_of: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    seen: set[str] = set()
    for own, codes in codes_of.items():
        text = ", ".join(f"{code} = {meaning}" for code, meaning in codes.items())
        if text not in seen:
            seen.add(text)
            yield f"  Codes of {own}: {text}"


def _missing(missing: Mapping[str, list[str]], blanked: Mapping[str, int]) -> Iterable[str]:
    by_codes: dict[str, list[str]] = {}
    for own, codes in missing.items():
        by_codes.setdefault(", ".join(codes), []).append(own)
    for code, names in by_codes.items():
        where = "everywhere" if names == ["all"] else f"in {', '.join(names)}"
        yield f"  Taken as missing: {code} {where}"
    if blanked:
        yield f"  Missing by what the file declares: cells of {', '.join(blanked)}"


def _todo(one: Open) -> str:
    if one.what in TODOS:
        return TODOS[one.what]
    _, table, column = one.key.split(".")
    known = fields(table)[column].get("constraints", {}).get("enum") or ["1", "0"]
    return f"what is '{one.what}'? One of {', '.join(known)}"


class _Lines(yaml.SafeDumper):
    """YAML with a line for every key, and lists within theirs."""


_Lines.add_representer(
    list, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, True)
)


def config_text(config: Mapping[str, Any], todo: Sequence[Open], files: Sequence[str]) -> str:
    """Write a config, with a comment at every line that the user must complete.

    Parameters
    ----------
    config : mapping
    todo : sequence of Open
        In the order of the config.
    files : sequence of str
        What the study was imported from.
    """
    body = yaml.dump(dict(config), Dumper=_Lines, allow_unicode=True, sort_keys=False, width=100)
    comments = iter(todo)
    lines = [
        f"{line}  # TODO: {_todo(next(comments))}" if line.endswith(f": {TODO}") else line
        for line in body.splitlines()
    ]
    head = [
        f"# Imported from {', '.join(files)}; import.yaml beside this file holds every decision.",
        "# Every key is explained in config/README.md of rupture-outcome. Worth adding to an",
        "# instrument: reliability (then the definition drop_rci can be used) and cutoff.",
    ]
    return "\n".join([*head, *lines, ""])
