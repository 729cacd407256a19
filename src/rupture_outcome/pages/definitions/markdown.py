"""Pages in Markdown, made from how definitions and repair rules are registered."""

import re
from collections.abc import Sequence
from typing import Any

import yaml

from rupture_outcome.coding.discrepancy import PARTS
from rupture_outcome.coding.inputs import OBSERVER
from rupture_outcome.coding.markers import MARKERS
from rupture_outcome.coding.registry import definitions, repair_rules
from rupture_outcome.coding.rules import OWN_SESSION, Definition, RepairRule, Rule
from rupture_outcome.coding.scales import DISCREPANCY
from rupture_outcome.look.words import name
from rupture_outcome.pages.definitions.docstring import Described, described
from rupture_outcome.pages.definitions.figure import Drawn, definition_figure, repair_figure

COMMAND = "python -m rupture_outcome.pages.definitions docs/definitions"
INDEX = "README.md"

# What every repair rule has, so that none has to say it again.
COMMON = {
    "within": ("int", "Attended sessions after the onset in which the repair must come."),
    "source": (
        "str, optional",
        "Column of scores that the rupture is measured on; the definition's own if not given.",
    ),
    OWN_SESSION: (
        "bool",
        "Whether a rupture can be repaired in the session in which it began; else it stays open "
        "in that session, and a later one has to repair it.",
    ),
}
RECALLED = (
    "**The formula is recalled.** The source was not read, so details may differ from it; read it "
    "before you cite it for this rule."
)


def rules(*, own: bool = True) -> tuple[list[Definition], list[RepairRule]]:
    """Definitions and repair rules: those of this package, or of other installed ones as well."""
    package = __name__.partition(".")[0] + "."
    found: tuple[list[Any], list[Any]] = (
        list(definitions().values()),
        list(repair_rules().values()),
    )
    kept = (
        [r for r in some if not own or r.function.__module__.startswith(package)] for some in found
    )
    known, repairs = kept
    return known, repairs


def pages(known: Sequence[Definition], repairs: Sequence[RepairRule]) -> dict[str, str]:
    """All files of the folder by name: pages, figures and the index; the same on every run."""
    files = {INDEX: _index(known, repairs)}
    ids = {rule.id for rule in (*known, *repairs)}
    for rule in known:
        files |= _files(rule, definition_figure(rule), ids)
    for repair in repairs:
        files |= _files(repair, repair_figure(repair), ids)
    return files


def _files(rule: Rule, drawn: Drawn | None, ids: set[str]) -> dict[str, str]:
    page = _page(rule, described(rule.function), drawn, ids)
    return {f"{rule.id}.md": page, **({f"{rule.id}.svg": drawn.svg} if drawn else {})}


def _page(rule: Rule, said: Described, drawn: Drawn | None, ids: set[str]) -> str:
    parts = [
        f"# {rule.id}",
        said.summary,
        _figure(rule, drawn),
        _linked(said.body, ids - {rule.id}),
        _facts(rule),
        RECALLED if rule.provenance == "recalled" else "",
        "## Parameters",
        _parameters(rule, said, ids),
        _usage(rule),
        _estimated(rule),
        "## Notes" if said.notes else "",
        _linked(said.notes, ids - {rule.id}),
        f"---\n*Written by `{COMMAND}` from `{_file(rule)}`; [all rules]({INDEX}).*",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _figure(rule: Rule, drawn: Drawn | None) -> str:
    if drawn is None:
        return ""
    return f"![{drawn.alt}]({rule.id}.svg)\n\n*{_caption(rule)}*"


def _caption(rule: Rule) -> str:
    if isinstance(rule, RepairRule):
        return (
            "A toy course. Blue marks: the value from which a session would be the repair, were "
            "all others as they are; found by trying."
        )
    return (
        "A toy course. Orange marks: the value from which a session is coded as a rupture, were "
        "all others as they are; found by trying."
    )


def _facts(rule: Rule) -> str:
    rows = [
        ("Kind", _kind(rule)),
        ("Provenance", name("provenance", rule.provenance)),
        ("Source", rule.source),
        ("Needs", ", ".join(dict.fromkeys(map(_need, _needs(rule))))),
    ]
    return "\n".join(["| | |", "|---|---|", *(f"| {a} | {_cell(b)} |" for a, b in rows)])


def _kind(rule: Rule) -> str:
    if isinstance(rule, Definition):
        models = {"prospective": "may enter a hazard model", "retrospective": "description only"}
        return f"{rule.kind_class}: {name('class', rule.kind_class)}, {models[rule.kind_class]}"
    assert isinstance(rule, RepairRule)
    needs = (
        "repair rule; needs a score from before the rupture"
        if rule.from_baseline
        else "repair rule"
    )
    when = "at the onset itself" if rule.same_session else "in the session after the onset"
    return f"{needs}; a repair can come {when} at the earliest"


def _needs(rule: Rule) -> list[str]:
    parameters = rule.resolve({})
    if isinstance(rule, RepairRule):
        parameters["source"] = "source"
    return rule.columns(parameters)


def _need(column: str) -> str:
    if column.startswith(MARKERS):
        return "the tables `markers` and `ratings`"
    if column.startswith(OBSERVER):
        return f"`{column.removeprefix(OBSERVER)}` in the table `ratings`"
    if column == DISCREPANCY:
        return f"`{'` and `'.join(PARTS)}`, with their ranges"
    return "the column that is its `source`" if column == "source" else f"`{column}`"


def _parameters(rule: Rule, said: Described, ids: set[str]) -> str:
    if not rule.parameters:
        return "None."
    ids = ids - {rule.id}
    texts = (COMMON if isinstance(rule, RepairRule) else {}) | dict(said.parameters)
    rows = [
        f"| `{key}` | {_cell(kind)} | `{_yaml(default)}` | {_cell(_linked(text, ids))} |"
        for key, default in rule.parameters.items()
        for kind, text in [texts.get(key, ("", ""))]
    ]
    return "\n".join(["| name | values | default | meaning |", "|---|---|---|---|", *rows])


def _usage(rule: Rule) -> str:
    shown = ", ".join(f"{key}: {_yaml(value)}" for key, value in rule.parameters.items())
    lines = ["coding:", f"  {rule.section}:", f"    {rule.id}: {{{shown}}}"]
    if isinstance(rule, Definition) and rule.scored:
        again = f"{{definition: {rule.id}, source: alliance_therapist}}"
        lines.append(f"    {rule.id}_therapist: {again}")
    text = "In a study's config; a parameter that is left out keeps its default"
    more = ", and a name of your own uses the definition again" if len(lines) > 3 else ""
    return "\n".join([f"{text}{more}:", "", "```yaml", *lines, "```"])


def _estimated(rule: Rule) -> str:
    if not isinstance(rule, Definition) or rule.constants is None:
        return ""
    said = described(rule.constants).summary
    return f"**Estimated once per study**, written to `coding/scales.csv`: {said}"


def _index(known: Sequence[Definition], repairs: Sequence[RepairRule]) -> str:
    return "\n".join(
        [
            "# Rupture definitions and repair rules",
            "",
            "One page each: formula, parameters, what it needs, where it comes from, what it",
            "cannot see. Each session is `detected`, `not_detected` or `not_testable`. What all of",
            "them share is in [decision 4](../decisions/0004-rupture-coding.md), scores and",
            "observers in [decision 10](../decisions/0010-rupture-sources.md).",
            "",
            "| definition | class | provenance | rule |",
            "|---|---|---|---|",
            *(
                f"| [{d.id}]({d.id}.md) | {d.kind_class} | {d.provenance} | {_cell(d.summary)} |"
                for d in known
            ),
            "",
            "| repair rule | provenance | rule |",
            "|---|---|---|",
            *(f"| [{r.id}]({r.id}.md) | {r.provenance} | {_cell(r.summary)} |" for r in repairs),
            "",
            *(
                f"- `{key}`: {name('provenance', key)}"
                for key in ("verified", "recalled", "project")
            ),
            "",
            f"*Written by `{COMMAND}` from the code.*",
            "",
        ]
    )


def _linked(text: str, ids: set[str]) -> str:
    return re.sub(r"`(\w+)`", lambda m: f"[{m[0]}]({m[1]}.md)" if m[1] in ids else m[0], text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("...\n").strip()


def _file(rule: Rule) -> str:
    return f"src/{rule.function.__module__.replace('.', '/')}.py"
