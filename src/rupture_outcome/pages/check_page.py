"""What `check` found, for the terminal and as a page: for those who hold the data, nobody else."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import StringIO
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rupture_outcome.coding.verdicts import REASONS
from rupture_outcome.look.formats import number, percent
from rupture_outcome.look.words import lower_first, name

TEMPLATE, STYLE = "check.html.j2", "page.css"
WIDEST = 200  # columns of a line: what a narrow terminal breaks can still be copied
INTERNAL = "Internal: exact counts of a study's data, not for passing on."
WHY_UNTESTED = {
    "first_session": "first session",
    "missing_score": "no score",
    "gap": "after a gap",
    "too_few": "too few sessions",
    "no_scale": "scores do not vary",
}


@dataclass(frozen=True)
class Findings:
    """What `check` found in a study that can be used.

    Parameters
    ----------
    title : str
        Of the study.
    size : str
        How large it is.
    notes : sequence of str
        What is odd.
    missing : DataFrame
        From `rupture_outcome.study.missingness.missingness`.
    consistency : DataFrame
        ``instrument``, ``declared``, ``forms``, ``patients``, and ``alpha`` and ``omega`` with
        ``_low`` and ``_high``.
    taken : DataFrame
        From `rupture_outcome.pages.questionnaires.taken`.
    definitions, repairs, precision : DataFrame
        From `rupture_outcome.estimates.prospects`.
    min_testable : float
        Share of sessions from which models use a definition.
    primary : mapping
        `coding.primary` of the config.
    """

    title: str
    size: str
    notes: Sequence[str]
    missing: pd.DataFrame
    consistency: pd.DataFrame
    taken: pd.DataFrame
    definitions: pd.DataFrame
    repairs: pd.DataFrame
    precision: pd.DataFrame
    min_testable: float
    primary: Mapping[str, str]


@dataclass(frozen=True)
class Section:
    """A heading, sentences below it, and a table of texts."""

    heading: str
    sentences: Sequence[str]
    table: pd.DataFrame


def sections(found: Findings) -> list[Section]:
    """Put what was found in words, section by section; one without a row is left out.

    Parameters
    ----------
    found : Findings
    """
    made = [
        _missing(found.missing),
        _taken(found.taken),
        _consistency(found.consistency),
        _definitions(found),
        _repairs(found),
        _precision(found),
    ]
    return [section for section in made if len(section.table)]


def show(found: Findings, console: Console) -> None:
    """Print the sections."""
    for section in sections(found):
        console.print()
        console.print(section.heading, style="bold", markup=False)
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for place, column in enumerate(section.table):
            table.add_column(str(column), justify="right" if place else "left", no_wrap=True)
        for row in section.table.itertuples(index=False):
            table.add_row(*(Text(str(cell)) for cell in row))
        console.print(_drawn(table), end="", soft_wrap=True)
        for sentence in section.sentences:
            console.print(sentence, markup=False)


def _drawn(table: Table) -> Text:
    """Lay a table out at its own width, whatever that of the terminal."""
    wide = Console(width=WIDEST, file=StringIO())
    wide.print(table)
    lines = wide.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return Text("".join(f"{line.rstrip()}\n" for line in lines))


def page(found: Findings) -> str:
    """Make the page, complete in one file."""
    environment = Environment(
        loader=PackageLoader("rupture_outcome.pages", "."),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
    )
    style = files("rupture_outcome.pages").joinpath(STYLE).read_text(encoding="utf-8")
    return environment.get_template(TEMPLATE).render(
        title=found.title,
        size=found.size,
        internal=INTERNAL,
        style=style,
        notes=found.notes,
        sections=sections(found),
    )


def _missing(missing: pd.DataFrame) -> Section:
    bands = {
        (first, last): _band(first, last)
        for first, last in missing[["first", "last"]].drop_duplicates().itertuples(index=False)
    }
    rows = []
    for measure, own in missing.groupby("measure", sort=False):
        total = own["missing"].sum() / own["sessions"].sum()
        shares = [_share(m, n) for m, n in zip(own["missing"], own["sessions"], strict=True)]
        rows.append((name("source", measure), percent(total), *shares))
    columns = ["Measure", "All", *bands.values()]
    return Section(
        "What is missing, by attended session",
        ["Share of attended sessions without a value."],
        pd.DataFrame(rows, columns=columns if rows else None),
    )


def _band(first: int, last: Any) -> str:
    if pd.isna(last):
        return f"from {first}"
    return str(first) if first == last else f"{first}–{last}"


def _share(part: int, whole: int) -> str:
    return percent(part / whole) if whole else "–"


def _taken(taken: pd.DataFrame) -> Section:
    columns = {"instrument": "Instrument", "what": "What", "value": "Value", "known": "Known from"}
    return Section(
        "What the questionnaires' names filled in",
        ["A key that the config gives itself goes before; see docs/instruments.md."],
        taken.rename(columns=columns),
    )


def _consistency(consistency: pd.DataFrame) -> Section:
    rows = [
        (
            row["instrument"],
            "–" if pd.isna(row["declared"]) else f"{row['declared']:.2f}",
            _with_interval(row, "alpha"),
            _with_interval(row, "omega"),
            f"{row['forms']:,}",
            f"{row['patients']:,}",
        )
        for row in consistency.to_dict("records")
    ]
    columns = ["Instrument", "Declared", "Cronbach's alpha", "McDonald's omega"]
    return Section(
        "How consistent the items are",
        [
            "Of complete forms; intervals from drawing patients again, with all their forms. Both "
            "mix differences between and within patients, so that the reliability of a change "
            "from session to session is lower."
        ],
        pd.DataFrame(rows, columns=[*columns, "Forms", "Patients"]),
    )


def _with_interval(row: Mapping[Any, Any], which: str) -> str:
    if pd.isna(row[which]):
        return "–"
    low, high = row[f"{which}_low"], row[f"{which}_high"]
    return f"{row[which]:.2f}" + ("" if pd.isna(low) else f" [{low:.2f}, {high:.2f}]")


def _definitions(found: Findings) -> Section:
    rows, cannot = [], []
    for row in found.definitions.to_dict("records"):
        share = row["testable"] / row["sessions"] if row["sessions"] else 0.0
        why = [f"{WHY_UNTESTED[r]} {row[r]:,}" for r in REASONS if row[r]]
        ahead = row["class"] == "retrospective"
        usable = "no: looks ahead" if ahead else "yes"
        if not ahead and share < found.min_testable:
            usable = "no: hardly tested"
            words = lower_first(name("definition", row["definition"]))
            cannot.append(
                f"{words} can be tested in {percent(share)} of sessions; models need "
                f"{percent(found.min_testable)} (models.min_testable)"
            )
        rows.append(
            (
                name("definition", row["definition"]),
                f"{row['testable']:,} ({percent(share)})",
                f"{row['detected']:,}",
                usable,
                "; ".join(why) or "–",
            )
        )
    columns = ["Definition", "Sessions tested", "Ruptures", "For dropout", "Not tested"]
    return Section(
        "Which definitions can be tested",
        [f"Not in models of dropout: {line}." for line in cannot],
        pd.DataFrame(rows, columns=columns),
    )


def _repairs(found: Findings) -> Section:
    ahead = found.definitions.loc[found.definitions["class"].eq("retrospective"), "definition"]
    table = found.repairs[
        (found.repairs["episodes"] > 0) & ~found.repairs["definition"].isin(ahead)
    ]
    rows = [
        (
            name("definition", row["definition"]),
            name("repair_rule", row["repair_rule"]),
            *(f"{row[c]:,}" for c in ("episodes", "repaired", "not_repaired", "censored")),
        )
        for row in table.to_dict("records")
    ]
    none = table[table["repaired"].eq(0)]
    sentences = [
        f"No repair is seen of {lower_first(name('definition', row['definition']))} by "
        f"“{name('repair_rule', row['repair_rule'])}”: no effect of repair can be estimated there."
        for row in none.to_dict("records")
    ]
    columns = ["Definition", "Repair rule", "Ruptures", "Repaired", "Not repaired", "Not known"]
    return Section("What becomes of ruptures", sentences, pd.DataFrame(rows, columns=columns))


def _precision(found: Findings) -> Section:
    rows, sentences = [], []
    for row in found.precision.to_dict("records"):
        pair = f"{name('level', row['first'])} against {name('level', row['second'])}"
        if pd.isna(row["se"]):
            rows.append((pair, "–", "–", "–"))
            sentences.append(
                f"{pair}: cannot be estimated, for one of them holds no dropout or nothing else."
            )
            continue
        factor = number(math.exp(1.96 * row["se"]), 2)
        far = f"below {number(1 / row['ratio'], 2)} or above {number(row['ratio'], 2)}"
        rows.append((pair, f"{row['se']:.2f}", f"×/÷ {factor}", far))
    which = (
        f"{name('definition', found.primary['definition'])}; "
        f"{name('repair_rule', found.primary['repair_rule'])}."
    )
    columns = ["Effect on dropout", "Standard error", "95 % interval", "Seen with 80 % power"]
    return Section(
        "How precise the main effects can be at best",
        [
            which,
            "From counts of sessions and dropouts by state alone: √(Σ 1/d + 1/(n − d)), of log "
            "odds. The model's errors are a little larger. The effects are not computed here.",
            *sentences,
        ],
        pd.DataFrame(rows, columns=columns),
    )
