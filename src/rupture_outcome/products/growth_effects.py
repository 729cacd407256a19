"""Symptoms and the alliance after sessions that left a rupture open, and after repaired ones."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.effect_rows import HEADLINE, RUPTURE
from rupture_outcome.look.forest import TRUTH, difference_axis, draw_row, say, true_beside
from rupture_outcome.look.formats import count_texts, number, p_value, with_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import remark
from rupture_outcome.look.style import (
    BLUE,
    GREY,
    Mark,
    footnote,
    headline,
    new_figure,
    panel_title,
    styled,
)
from rupture_outcome.look.words import coding_name, contrast_name, name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Symptoms and alliance after an open and after a repaired rupture"
NOTHING = "No measure was taken in sessions after others, so that none can be told to change."
MODEL = (
    "Points of the measure at a session, by the state of ruptures after the session before. "
    "Mixed models of sessions in patients, with a start and a slope of their own, in therapists; "
    "restricted likelihood, Satterthwaite degrees of freedom. Symptoms: more is worse; alliance: "
    "more is better."
)
SPLIT_NOTE = (
    "Within patients: the same patient's sessions compared. Between patients, between therapists: "
    "all sessions in the one state against all in the other, a comparison of people."
)
DRAWN = ("whole", "within", "between_patients")
PLACES = [(pair, scope) for pair in (HEADLINE, RUPTURE) for scope in DRAWN]
# inches; the gap is in rows
LABEL, PANEL, BETWEEN, ROW, GAP, HEAD, BELOW = 1.75, 2.2, 0.35, 0.34, 1.1, 0.35, 0.85
MARKS = {"log": Mark(BLUE, "-", "o"), "linear": Mark(GREY, "--", "s")}


def difference_cells(
    effects: pd.DataFrame, truths: Sequence[float], digits: Sequence[int], look: Look
) -> pd.DataFrame:
    """Write differences in points with what belongs to them, the columns of `difference_labels`.

    Parameters
    ----------
    effects : DataFrame
        A published table of differences with intervals, degrees of freedom and counts.
    truths : sequence of float, shape (rows,)
        What a simulation was made with; NaN where that is not known.
    digits : sequence of int, shape (rows,)
        Decimals of each difference.
    look : Look
    """
    rows = effects.to_dict("records")
    cells = pd.DataFrame(index=effects.index)
    cells["estimate"] = [
        with_interval(row["estimate"], row["ci_low"], row["ci_high"], decimals)
        for row, decimals in zip(rows, digits, strict=True)
    ]
    cells["df"] = [number(row["df"], 0) for row in rows]
    cells["p"] = [p_value(row["p"], bare=True) for row in rows]
    cells["true"] = ["" if pd.isna(true) else number(true, 1) for true in truths]
    for column in ("patients", "sessions", "therapists"):
        cells[column] = count_texts(effects[column])
    cells["reason"] = [remark(row, look) for row in rows]
    return cells


def difference_labels(cells: pd.DataFrame) -> dict[str, str]:
    """Give the headings of `difference_cells`, without columns in which nothing stands."""
    return {
        "estimate": "Difference, points",
        "df": "Degrees of freedom",
        "p": "p",
        **({"true": "Truth of the simulation"} if cells["true"].any() else {}),
        "patients": "Patients",
        "sessions": "Sessions",
        "therapists": "Therapists",
        **({"reason": "Note"} if cells["reason"].any() else {}),
    }


def growth_table(tables: Tables, look: Look) -> str:
    """Lay out a row a measure, course, scope and comparison."""
    effects = tables["growth_effects"]
    rows = effects.to_dict("records")
    cells = pd.DataFrame(index=effects.index)
    cells["group"] = [
        f"{name('source', row['outcome'])}: {name('course', row['course']).lower()}" for row in rows
    ]
    cells["scope"] = [name("scope", row["scope"]) for row in rows]
    cells["contrast"] = [contrast_name(row) for row in rows]
    truths = [_truth(row, look) for row in rows]
    cells = cells.join(difference_cells(effects, truths, [2] * len(rows), look))
    return html_table(
        cells,
        "growth_effects",
        TITLE,
        f"{coding_name(look.primary)}. In brackets: {look.level} intervals.",
        labels={
            "scope": "Sessions compared",
            "contrast": "State after the session before",
            **difference_labels(cells),
        },
        group="group",
        notes=[MODEL, SPLIT_NOTE],
        look=look,
    )


def _truth(row: Mapping, look: Look) -> float:
    """Give the difference that the simulation was made with: a session's, in a patient."""
    if row["outcome"] != "symptom" or row["scope"] not in {"whole", "within"}:
        return float("nan")
    known = look.settings.get("symptom_truth", {})
    return float(known.get(f"{row['state_a']} vs {row['state_b']}", "nan"))


def draw_growth(tables: Tables, look: Look) -> Drawing:
    """Draw a panel a measure, both courses in it."""
    effects = tables["growth_effects"]
    return Drawing(growth_figure(effects, look), TITLE, alt_text(effects, look))


@styled
def growth_figure(effects: pd.DataFrame, look: Look) -> "Figure":
    """Draw the figure; `effects` is the published table."""
    outcomes = list(dict.fromkeys(effects["outcome"]))
    if not outcomes:
        return notice(TITLE, NOTHING, look)
    heights = [ROW * (i + 0.5 + GAP * (i // len(DRAWN) + 1)) for i in range(len(PLACES))]
    total = heights[-1] + ROW * 0.5
    width = LABEL + PANEL * len(outcomes) + BETWEEN * (len(outcomes) - 1)
    fig = new_figure(width, HEAD + total + BELOW)
    for i, outcome in enumerate(outcomes):
        left = LABEL + i * (PANEL + BETWEEN)
        box = (left / width, BELOW / (HEAD + total + BELOW), PANEL / width)
        ax = fig.add_axes((*box, total / (HEAD + total + BELOW)))
        ax.set_ylim(total, 0)
        _panel(ax, effects[effects["outcome"].eq(outcome)], heights, look)
        panel_title(ax, name("source", outcome))
        if not i:
            _words(ax, heights)
    _legend(fig, look)
    headline(fig, TITLE, coding_name(look.primary), look)
    footnote(fig, f"{MODEL} {SPLIT_NOTE} Lines: {look.level} intervals.{_why_apart(look)}", look)
    return fig


def _panel(ax: "Axes", effects: pd.DataFrame, heights: list[float], look: Look) -> None:
    shown = effects[effects["scope"].isin(DRAWN)]
    ends = shown[["ci_low", "ci_high"]].to_numpy(float)
    reach = 1.1 * max([1.0, *abs(ends[~np.isnan(ends)])])
    difference_axis(ax, reach, ticks=5)
    ax.xaxis.set_major_formatter(lambda value, _: number(value, 0 if reach > 4 else 1))
    for (pair, scope), y in zip(PLACES, heights, strict=True):
        for course, shift in (("log", -0.17), ("linear", 0.17)):
            row = _row(shown, pair, scope, course)
            draw_row(
                ax,
                y + shift * ROW,
                row["estimate"],
                (row["ci_low"], row["ci_high"]),
                MARKS[course],
            )
        true = _truth(row, look)
        if not np.isnan(true):
            true_beside(ax, y, true, ROW)
        if np.isnan(row["estimate"]):
            say(ax, y, remark(row, look), PANEL)
    ax.set_xlabel("Difference, points")


def _row(effects: pd.DataFrame, pair: tuple[str, str], scope: str, course: str) -> dict:
    found = effects[
        effects["state_a"].eq(pair[0])
        & effects["state_b"].eq(pair[1])
        & effects["scope"].eq(scope)
        & effects["course"].eq(course)
    ]
    return dict(found.iloc[0])


def _words(ax: "Axes", heights: list[float]) -> None:
    at = ax.get_yaxis_transform()
    left = -LABEL / PANEL
    for i, ((pair, scope), y) in enumerate(zip(PLACES, heights, strict=True)):
        ax.text(left + 0.05, y, name("scope", scope), transform=at, va="center", fontsize=8.5)
        if i % len(DRAWN) == 0:
            said = contrast_name({"state_a": pair[0], "state_b": pair[1]})
            look: dict[str, Any] = {"fontweight": "bold", "fontsize": 8.5, "va": "center"}
            ax.text(left, y - 0.75 * ROW, said[:1].upper() + said[1:], transform=at, **look)


def _legend(fig: "Figure", look: Look) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=m.color, ls=m.line, marker=m.marker, label=name("course", course))
        for course, m in MARKS.items()
    ]
    if look.settings.get("symptom_truth"):
        handles.append(Line2D([], [], **TRUTH, label="Truth of the simulation"))
    fig.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 0), ncols=3)


def _why_apart(look: Look) -> str:
    """Say why the estimates lie nearer to 0 than the truth; empty where there is none."""
    if not look.settings.get("symptom_truth"):
        return ""
    return (
        " The truth is that of true states; states as coded are partly wrong, which draws "
        "differences towards 0."
    )


def alt_text(effects: pd.DataFrame, look: Look) -> str:
    """Say what the figure shows, with the estimates for repair."""
    if effects.empty:
        return NOTHING
    main = effects[effects["scope"].eq("whole") & effects["course"].eq("log")]
    said = []
    for row in main.to_dict("records"):
        if (row["state_a"], row["state_b"]) == HEADLINE:
            value = with_interval(row["estimate"], row["ci_low"], row["ci_high"], 2)
            said.append(f"{name('source', row['outcome'])}: {value or remark(row, look)}")
    return (
        "A panel a measure with points and intervals of differences at a session by the state of "
        "ruptures after the session before. After a repaired rupture against an open one, points: "
        f"{'; '.join(said)}."
    )


PRODUCT = Product(
    name="growth_effects",
    about="Symptoms and alliance at a session, by the state of ruptures after the one before",
    raw={"frame": "models/growth_effects.parquet"},
    columns=(
        Column("outcome", label="Measure"),
        Column("course", label="Course"),
        Column("scope", label="Sessions compared"),
        Column("definition"),
        Column("repair_rule"),
        Column("state_a", label="State"),
        Column("state_b", label="Compared with"),
        Column(
            "estimate", "estimate", label="Difference", unit="points", of=("fewest_patients",),
            ends=("ci_low", "ci_high"), se="se",
        ),
        Column("se", "follows", unit="points"),
        Column("df", "test", label="Degrees of freedom", of=("fewest_patients",)),
        Column("ci_low", "follows", unit="points"),
        Column("ci_high", "follows", unit="points"),
        Column("p", "p", label="p", of=("fewest_patients",), se="se"),
        Column("patients", "count", label="Patients"),
        Column("sessions", "count", label="Sessions", of=("patients",)),
        Column("therapists", "count", label="Therapists"),
        Column("converged", "flag", of=("fewest_patients",)),
        Column("reason", "text", label="Note", of=("fewest_patients",)),
        Column("fewest_patients", "basis"),
    ),
    settings=("symptom_truth",),
    lay_out=growth_table,
    draw=draw_growth,
)  # fmt: skip
