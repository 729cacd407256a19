"""Selected courses under every definition: a table, and a page of each."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.registry import get_definition
from rupture_outcome.coding.scales import instrument_of
from rupture_outcome.disclosure import Column
from rupture_outcome.look.case_panels import (
    RATED,
    REPORTS,
    ROW,
    SCORES,
    WIDTH,
    axes_at,
    codes_panel,
    reports_panel,
    scores_panel,
    shade_missed,
)
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import NO_INDIVIDUALS, notice
from rupture_outcome.look.style import footnote, headline, new_figure, styled
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Drawing, Product, Tables

NUMBERS = (1, 2, 3, 4)
NOTHING = "Single courses are shown only of simulated studies, or where the config allows it."
SCORE = "alliance_patient"
NOTE = (
    "Short lines: a score below them (for falls, or at them) meets the definition's first "
    "criterion; definitions that look ahead ask for more, such as a return, or use the whole "
    "course. Grey bands: missed sessions; a gap without a band: attended and not rated."
)
# inches
ABOVE, GAP, LEGEND, BELOW = 0.1, 0.25, 0.21, 0.45


def cases_table(tables: Tables, look: Look) -> str:
    """Lay out the selected cases as HTML, one row a definition."""
    cases = tables["cases"]
    given = cases[cases["parameter"].isna()]
    groups = given.groupby(["case", "role", "definition"], sort=False)
    rows = [
        {
            "group": f"Case {case}: {name('role', role)}",
            "definition": name("definition", definition),
            "detected": _sessions(own, "detected"),
            "not_testable": _sessions(own, "not_testable"),
        }
        for (case, role, definition), own in groups
    ]
    labels = PRODUCT.labels("definition") | {
        "detected": "Rupture in session",
        "not_testable": "Not testable in session",
    }
    return html_table(
        pd.DataFrame(rows, columns=["group", *labels]),
        "cases",
        "Selected cases under every definition",
        "Scheduled sessions of single courses, chosen to show where definitions disagree.",
        labels=labels,
        group="group",
        notes=[NOTHING if cases.empty else "Sessions that were missed are not listed."],
        look=look,
    )


def _sessions(own: pd.DataFrame, verdict: str) -> str:
    found = own.loc[own["verdict"].eq(verdict), "session"].astype(int)
    return ", ".join(map(str, sorted(found)))


@styled
def draw_case(tables: Tables, look: Look, *, number: int) -> Drawing:
    """Draw scores with the limits of the definitions, reports, and what each definition says.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        With ``cases``.
    look : Look
        With the setting ``instruments``, for the range of the scale.
    number : int
        Which case.
    """
    cases = tables["cases"]
    title, alt = f"Case {number} under every definition", alt_text(cases, number)
    scale = instrument_of(SCORE, look.settings["instruments"]).range
    own = configured(cases, number)
    if own.empty:
        return Drawing(notice(f"Case {number}", alt, look), title, alt)
    course = own.drop_duplicates("session").set_index("session")
    limits, rows = same_limits(own), _rows(own)
    legend = LEGEND * -(-(len(limits) + 1) // 2) + 0.1
    reported = reports_of(own)
    reports = RATED + GAP + LEGEND if len(reported) else 0
    height = ABOVE + SCORES + legend + reports + GAP + ROW * (len(rows) + 1) + BELOW
    fig = new_figure(WIDTH, height)
    top = axes_at(fig, ABOVE, SCORES)
    scores_panel(top, course, limits, scale)
    if len(reported):
        reports_panel(axes_at(fig, ABOVE + SCORES + legend + GAP, RATED), reported, course.index)
    codes = axes_at(fig, height - BELOW - ROW * (len(rows) + 1), ROW * (len(rows) + 1))
    codes_panel(codes, own, rows, course)
    for ax in fig.axes:
        ax.set_xlim(course.index.min() - 0.6, course.index.max() + 0.6)
        shade_missed(ax, course)
    headline(fig, _title(own), _subtitle(own), look)
    footnote(fig, f"{NOTE} {settings_text(look.settings['coding']['definitions'], own)}".strip())
    return Drawing(fig, title, alt)


def alt_text(cases: pd.DataFrame, number: int) -> str:
    """Say which definitions found a rupture in which sessions of the case."""
    own = configured(cases, number)
    if own.empty:
        return _nothing(cases, number)
    scores = own.drop_duplicates("session")["score"]
    parts = [
        f"{name('definition', definition)}: {_found_in(rows)}"
        for definition, rows in own.groupby("definition", sort=False)
    ]
    return (
        f"{_title(own)}. Alliance scores from {scores.min():.0f} to {scores.max():.0f} over "
        f"{own['session'].nunique()} scheduled sessions. Sessions with a rupture, by definition. "
        f"{'; '.join(parts)}."
    )


def configured(cases: pd.DataFrame, number: int) -> pd.DataFrame:
    """Rows of one case under the definitions as the config has them."""
    return cases[cases["case"].eq(number) & cases["parameter"].isna()]


def same_limits(own: pd.DataFrame) -> list[tuple[list[str], pd.Series]]:
    """Limits on the score by session, with the definitions that share them."""
    groups: list[tuple[list[str], pd.Series]] = []
    scored = own[own["source"].eq(SCORE) & own["limit"].notna()]
    for definition, rows in scored.groupby("definition", sort=False):
        limit = rows.set_index("session")["limit"]
        for names, other in groups:
            both = limit.index.intersection(other.index)
            if len(both) and np.allclose(limit[both], other[both]):
                names.append(str(definition))
                break
        else:
            groups.append(([str(definition)], limit))
    return groups


def settings_text(definitions: Mapping[str, Any], own: pd.DataFrame) -> str:
    """Say which k the definitions have whose name leaves it open.

    Examples
    --------
    >>> settings_text({"drop_sd": {"k": 1}}, pd.DataFrame({"definition": ["drop_sd"]}))
    'Fall in alliance of at least k SD: k = 1.'
    """
    parts = []
    for id in own["definition"].unique():
        given = dict(definitions.get(id) or {})
        base = given.pop("definition", id)
        known = {**get_definition(base).parameters, **given}
        if "k" in known and " k " in name("definition", id):
            parts.append(f"{name('definition', id)}: k = {known['k']:g}.")
    return " ".join(parts)


def _nothing(cases: pd.DataFrame, number: int) -> str:
    if cases.empty:
        return NO_INDIVIDUALS
    return f"No case {number}: no further course shows definitions that disagree in this way."


def _title(own: pd.DataFrame) -> str:
    return f"Case {own['case'].iloc[0]}: {name('role', own['role'].iloc[0])}"


def _subtitle(own: pd.DataFrame) -> str:
    names = own["definition"].nunique()
    finding = own.loc[own["verdict"].eq("detected"), "definition"].nunique()
    most = own[own["verdict"].eq("detected")].groupby("session").size()
    text = f"{finding} of {names} definitions find a rupture."
    if most.empty or most.max() == 1:
        return text
    return f"{text} Most agree on session {most.idxmax()}: {most.max()} of {names}."


def _found_in(rows: pd.DataFrame) -> str:
    found = rows.loc[rows["verdict"].eq("detected"), "session"]
    if len(found):
        return ", ".join(str(session) for session in found)
    tested = rows["verdict"].notna() & rows["verdict"].ne("not_testable")
    return "none" if tested.any() else "cannot be tested"


def reports_of(own: pd.DataFrame) -> pd.DataFrame:
    """Rows with a rating of tension or salience."""
    return own[own["source"].isin(list(REPORTS)) & own["observed"].notna()]


def _rows(own: pd.DataFrame) -> list[str]:
    """Definitions from top to bottom: those that look back, then those that look ahead."""
    by_class = own.drop_duplicates("definition").sort_values("class", kind="stable")
    return [str(definition) for definition in by_class["definition"]]


PRODUCT = Product(
    name="cases",
    about="Selected courses of single patients, with what every definition says of each session",
    raw={"cases": "coding/cases.parquet"},
    columns=(
        Column("case", "number"),
        Column("role"),
        Column("session", "number"),
        Column("attended", "number"),
        Column("score", "number"),
        Column("previous", "number"),
        Column("definition", label="Definition"),
        Column("class"),
        Column("source"),
        Column("observed", "number"),
        Column("limit", "number"),
        Column("parameter"),
        Column("value", "number"),
        Column("verdict"),
        Column("reason"),
        Column("kind"),
        Column("true_state"),
        Column("true_onset", "number"),
    ),
    lay_out=cases_table,
)
PRODUCTS = (
    PRODUCT,
    *(
        Product(
            name=f"case_{number}",
            about=f"Selected case {number}: ratings, limits and codes under every definition",
            reads=["cases"],
            settings=("instruments", "coding"),
            draw=partial(draw_case, number=number),
        )
        for number in NUMBERS
    ),
)
