"""The study's results beside published ones: a table, and the effects on one scale."""

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column, known
from rupture_outcome.estimates.effect_rows import HEADLINE
from rupture_outcome.estimates.literature import COLUMNS, LITERATURE, STUDY, literature
from rupture_outcome.look.forest import draw_row, limits, ratio_axis, true_line
from rupture_outcome.look.formats import number, with_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import reason_text
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    Mark,
    footnote,
    headline,
    new_figure,
    styled,
)
from rupture_outcome.look.words import NAIVE_WARNING
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ON_SCALE = ("log_odds", "log_odds_low", "log_odds_high")
GROUPS = {STUDY: "This study", LITERATURE: "Published"}
TITLE = "Repair and dropout in this study beside published effects"
NOTHING = "No effect has a place on the common scale."
OURS = Mark(BLUE, "-", "o")
NAIVELY = Mark(GREY, (0, (2, 1.5)), "D")
THEIRS = Mark(BLACK, "-", "s")
# inches: the columns from left to right, then heights
LABEL, PLOT, TEXT = 4.3, 2.9, 1.9
LINE, GAP, BELOW = 0.165, 0.15, 0.62
CHARACTERS = 68
DIFFERENT = (
    "What is compared and with what outcome differs from row to row: an order of magnitude, not a "
    "replication. The study's outcome is dropout after a session."
)
CONVERTED = (
    "Published r and d as odds ratios: exp(d × π/√3), d = 2r/√(1 − r²) unless d was published; "
    "limits of intervals transformed one by one; no line: no interval was read. In this study: 1 "
    "divided by the ratio of dropout, which stands below."
)


def beside(look: Look, **tables: pd.DataFrame) -> pd.DataFrame:
    """Put the study's published numbers beside those of others."""
    effects, prevalence = tables["dropout_effects"], tables["rupture_prevalence"]
    counts = ["patients_testable", "patients_detected"]
    return literature(
        effects.assign(patients=known(effects["patients"])),
        look.primary,
        sample=tables["sample_description"],
        prevalence=prevalence.assign(**{name: known(prevalence[name]) for name in counts}),
        therapists=tables["therapist_variances"],
        confidence=look.confidence,
    )


def literature_table(tables: Tables, look: Look) -> str:
    """Lay out this study and the literature as HTML."""
    rows = tables["literature"]
    records = rows.to_dict("records")
    cells = pd.DataFrame(index=rows.index)
    cells["group"] = [GROUPS[row["source"]] for row in records]
    cells["finding"] = rows["finding"]
    cells["authors"] = [who(row) for row in records]
    cells["value"] = [value_text(row) for row in records]
    cells["scale"] = [scale_text(row) for row in records]
    cells["comparator"] = rows["comparator"].replace("none", "–")
    cells["outcome"] = rows["outcome"]
    cells["unit"] = rows["unit"]
    cells["own"] = [_own(row) for row in records]
    cells["status"] = rows["status"]
    cells["reason"] = [_remark(row) for row in records]
    return html_table(
        cells,
        "literature",
        "This study beside the literature",
        "Effects as odds ratios, turned so that above 1 is better: better outcome, less dropout.",
        labels={
            "finding": "Finding",
            "authors": "From",
            "value": "As reported",
            "scale": "Odds ratio of the better",
            "comparator": "Compared with",
            "outcome": "Outcome",
            "unit": "Unit",
            "own": "This study",
            "status": "Status",
            "reason": "Note",
        },
        group="group",
        notes=_notes(rows, look.level),
        look=look,
    )


def _remark(row: dict) -> Any:
    """Give what must be known of a row: own reasons are codes, those of the literature are text."""
    return reason_text(row["reason"]) if row["source"] == STUDY else row["reason"]


def who(row: dict) -> str:
    """Name authors, year, number of studies and of persons.

    Examples
    --------
    >>> who({"authors": "Sharf et al.", "year": 2010, "k": 11, "n": 1301})
    'Sharf et al. (2010), 11 studies, N = 1,301'
    """
    authors = "" if pd.isna(row["authors"]) else str(row["authors"])
    year = "" if pd.isna(row["year"]) else f" ({int(row['year'])})"
    k = "" if pd.isna(row["k"]) else f"{int(row['k'])} studies"
    n = "" if pd.isna(row["n"]) else f"N = {int(row['n']):,}"
    return ", ".join(filter(None, [authors + year, k, n]))


def value_text(row: dict) -> str:
    """Value as it was reported, with its interval or range and what it is.

    Examples
    --------
    >>> value_text({"effect_type": "d", "value": 0.55, "qualifier": None, "low": None,
    ...     "high": None, "interval": None, "reported_d": None})
    'd = 0.55'
    """
    kind, percent = row["effect_type"], row["effect_type"] == "%"
    end = "%" if percent else ""
    low, high = (_as_printed(row[side], percent) for side in ("low", "high"))
    if pd.isna(row["value"]):
        return f"{low} to {high}{end}" if low else ""
    qualifier = "" if pd.isna(row["qualifier"]) else f"{row['qualifier']} "
    value = f"{qualifier}{_as_printed(row['value'], percent)}{end}"
    text = value if percent else f"{kind} = {value}"
    text += f" [{low}, {high}]" if low else ""
    return text if pd.isna(row["reported_d"]) else f"{text}, d = {number(row['reported_d'], 2)}"


def _as_printed(value: float, percent: bool) -> str:
    """Text of a number with the digits it was published with: two unless three are needed."""
    if pd.isna(value):
        return ""
    if percent:
        return f"{value:g}"
    thousandths = round(value, 3)
    return number(value, 3 if value == thousandths != round(value, 2) else 2)


def scale_text(row: dict) -> str:
    """Odds ratio of the better with its interval, empty where the effect has no place there.

    Examples
    --------
    >>> scale_text({"log_odds": 0.6931, "log_odds_low": 0.0, "log_odds_high": 1.3863})
    '2.00 [1.00 to 4.00]'
    """
    if pd.isna(row["log_odds"]):
        return ""
    return with_interval(*np.exp([float(row[key]) for key in ON_SCALE]))


def _own(row: dict) -> str:
    if pd.isna(row["own_value"]):
        return ""
    low, high = number(row["own_low"]), number(row["own_high"])
    limits = f" [{low}, {high}]" if low else ""
    return f"{number(row['own_value'])}%{limits} {row['own_reason']}"


def _notes(rows: pd.DataFrame, level: str) -> list[str]:
    recalled = rows["status"].eq("recalled").any()
    return [
        "Odds ratio: exp(d × π/√3); d = 2r/√(1 − r²) where only r was published; limits of "
        "intervals are transformed one by one. Ranges and percentages stay as they are. In this "
        "study, 1 divided by the ratio of dropout.",
        "Rows compare different things and outcomes, dropout here and mostly symptoms there: they "
        "give an order of magnitude, not a replication.",
        f"Intervals: 95% in the literature, {level} in this study; without one where "
        "none was read.",
        "Verified: read in a source. " + ("Recalled: not read, known. " if recalled else ""),
    ]


def draw_literature(tables: Tables, look: Look) -> Drawing:
    """Draw effects on the log-odds scale, the study's own first."""
    rows = tables["literature"]
    return Drawing(literature_figure(rows, look), TITLE, alt_text(rows))


@styled
def literature_figure(rows: pd.DataFrame, look: Look) -> "Figure":
    """Draw the figure; `rows` are the published table."""
    from matplotlib.ticker import NullLocator

    drawn, height = placed(rows, simulated=look.simulated)
    if drawn.empty:
        return notice(TITLE, NOTHING, look)
    width = LABEL + PLOT + TEXT
    fig = new_figure(width, height + BELOW)
    total = fig.get_size_inches()[1]
    ax = fig.add_axes((LABEL / width, BELOW / total, PLOT / width, height / total))
    ax.set(ylim=(height, 0), facecolor="none")
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    _axis(ax, drawn, look)
    for row in drawn.to_dict("records"):
        _draw(ax, row)
    subtitle = "Odds ratio, turned so that more than 1 is better: less dropout, better outcome."
    headline(fig, TITLE, subtitle, look)
    footnote(fig, " ".join(filter(None, [DIFFERENT, CONVERTED, NAIVE_WARNING, _truth(look)])), look)
    return fig


def alt_text(rows: pd.DataFrame) -> str:
    """Say every effect on the common scale, with what it compares."""
    drawn, _ = placed(rows)
    if drawn.empty:
        return NOTHING
    parts = [
        f"{row['title']}: {scale_text(row) or _remark(row)} ({row['about']})"
        for row in drawn.to_dict("records")
    ]
    return (
        "Effects as odds ratios, more than 1 is better. "
        f"{'; '.join(parts)}. What is compared and with what outcome differs between rows."
    )


def placed(rows: pd.DataFrame, *, simulated: bool = False) -> tuple[pd.DataFrame, float]:
    """Rows to draw with their texts and top `y` in inches, and the height of all.

    The study's own rows are drawn even without an estimate, and say why there is none.
    """
    drawn = rows[rows["log_odds"].notna() | rows["source"].eq(STUDY)].copy()
    records = drawn.to_dict("records")
    drawn["title"] = [_title(row, simulated) for row in records]
    drawn["about"] = [
        f"compared with {row['comparator']}; outcome: {row['outcome']}; unit: {row['unit']}"
        for row in records
    ]
    tops, height = [], 0.0
    for title, about in zip(drawn["title"], drawn["about"], strict=True):
        tops.append(height)
        lines = len(wrap(title, CHARACTERS - 8)) + len(wrap(about, CHARACTERS))
        height += LINE * lines + GAP
    return drawn.assign(y=tops), height


def _truth(look: Look) -> str:
    true = look.true_ratio(HEADLINE)
    if pd.isna(true):
        return ""
    made = f"{1 / true:.2f}, 1 divided by {true:.2f}"
    return f"Green line: what the simulation was made with ({made})."


def _title(row: dict, simulated: bool) -> str:
    recalled = " (recalled)" if row["status"] == "recalled" else ""
    ours = "this study, simulated" if simulated else "this study"
    source = ours if row["source"] == STUDY else who(row)
    return f"{row['finding']}: {source}{recalled}"


def _axis(ax: "Axes", rows: pd.DataFrame, look: Look) -> None:
    ends = np.exp(rows[list(ON_SCALE)].to_numpy(dtype=float))
    ratio_axis(ax, *limits(ends.ravel()), "Odds ratio (log scale)", labelpad=14)
    true = look.true_ratio(HEADLINE)
    true_line(ax, 1.0 / true, rows.loc[rows["source"].eq(LITERATURE), "y"].min())
    y = -0.33 / (ax.bbox.height / ax.figure.dpi)
    small: dict[str, Any] = {"transform": ax.transAxes, "fontsize": 7.5, "color": GREY}
    ax.text(0, y, "← worse", va="center", **small)
    ax.text(1, y, "better →", va="center", ha="right", **small)


def _draw(ax: "Axes", row: dict) -> None:
    ours = row["source"] == STUDY
    naive = ours and "naive" in row["finding"]
    look = NAIVELY if naive else OURS if ours else THEIRS
    at = ax.get_yaxis_transform()
    x = -LABEL / PLOT
    title, about = wrap(row["title"], CHARACTERS - 8), wrap(row["about"], CHARACTERS)
    for i, line in enumerate([*title, *about]):
        bold = i < len(title)
        style: dict[str, Any] = {"fontsize": 8.5 if bold else 7.5}
        style |= {"fontweight": "bold"} if bold else {"color": GREY}
        y = row["y"] + LINE * (i + 0.5)
        ax.text(x, y, line, transform=at, va="center", **style)
    y = row["y"] + LINE * (len(title) + len(about)) / 2
    if row["y"]:
        edge = [row["y"] - GAP / 2] * 2
        ax.plot(
            [x, 1 + TEXT / PLOT], edge, transform=at, color=FAINT, lw=1, clip_on=False, zorder=0
        )
    if pd.isna(row["log_odds"]):
        note = "\n".join(wrap(f"not shown: {_remark(row)}", 44))
        ax.text(0, y, note, transform=at, va="center", fontsize=7.5, color=GREY)
        return
    value, *ends = np.exp([float(row[key]) for key in ON_SCALE])
    draw_row(ax, y, value, (ends[0], ends[1]), look, hollow=naive)
    right = 1 + 0.12 / PLOT
    ax.text(right, y - LINE / 2, scale_text(row), transform=at, va="center", fontsize=8.5)
    reported = "\n".join(wrap(value_text(row), 34))
    ax.text(right, y, reported, transform=at, va="top", fontsize=7, color=GREY)


TEXTS = (
    *("source", "finding", "authors", "outcome", "comparator", "unit", "effect_type"),
    *("qualifier", "interval", "own_reason", "status", "reason"),
)
# Numbers of others, and of this study as its other tables show them: rounded already.
PRODUCT = Product(
    name="literature",
    about="The study beside published effects, on one scale where they can be",
    reads=("dropout_effects", "sample_description", "rupture_prevalence", "therapist_variances"),
    make=beside,
    columns=[Column(name, "text" if name in TEXTS else "number") for name in COLUMNS],
    settings=("truth",),
    lay_out=literature_table,
    draw=draw_literature,
)
