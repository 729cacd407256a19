"""Repaired against open ruptures from landmarks: difference in endings and in time lost."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.coding.follow import STATES as STATE_ORDER
from rupture_outcome.cohort.specifications import primary_rows
from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.effect_rows import FEWEST, HEADLINE
from rupture_outcome.look.forest import draw_row, say
from rupture_outcome.look.formats import (
    UNROUNDED,
    count_text,
    count_texts,
    p_value,
    percent,
    with_interval,
)
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import reason_text, remark, why
from rupture_outcome.look.style import (
    BLACK,
    FAINT,
    GREY,
    STATES,
    Mark,
    footnote,
    headline,
    new_figure,
    panel_title,
    styled,
)
from rupture_outcome.look.words import coding_name, name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CAUSES = ("dropout", "agreed_ending")
SHARES = ("incidence", "incidence_difference")
LINES = {
    "incidence_difference": "Difference, repaired − open",
    "time_lost_difference": "Difference, repaired − open",
    "incidence_ratio": "Ratio, repaired : open",
}
PAIRS = {"incidence_difference": "time_lost_difference", "incidence_ratio": None}
TITLE = "Repaired against open ruptures, from landmark sessions on"
DIFFERENCES = ("incidence_difference", "time_lost_difference")
ROUNDED_SHARES = (
    "Shares and time lost of one state are rounded with the counts; differences and ratios are not "
    "taken from these."
)
MARKS = {"dropout": Mark(BLACK, "-", "o"), "agreed_ending": Mark(GREY, "--", "s")}
# inches: the columns from left to right, then heights
LABEL, SHARE, PLOT, TEXT, TEST = 1.5, 0.95, 2.0, 1.6, 0.65
ROW, GROUP, ABOVE, BELOW = 0.27, 0.34, 0.7, 0.7


def with_persons(look: Look, contrasts: pd.DataFrame) -> pd.DataFrame:
    """Add the persons that a share or mean of one state is over; a contrast is from a model."""
    one_state = contrasts["measure"].isin(["incidence", "time_lost"])
    return contrasts.assign(persons=contrasts["patients"].where(one_state).astype("Float64"))


def contrasts_table(tables: Tables, look: Look) -> str:
    """Lay out the contrasts of the main definition and rule as HTML."""
    unit = look.unit
    rows = primary_rows(tables["landmark_contrasts"], look.primary)
    cells = [
        cell
        for (_, cause), block in rows.groupby(["landmark", "cause"], sort=False, observed=True)
        if cause in CAUSES
        for cell in _block(block, look)
    ]
    labels = {
        "what": f"State at that {unit}",
        "patients": "Patients",
        "events": "Endings by then",
        "incidence": "Had ended, %",
        "time_lost": f"{unit.capitalize()}s lost",
        "reason": "Note",
    }
    return html_table(
        pd.DataFrame(cells, columns=["group", *labels]),
        "landmark_contrasts",
        "Repaired and open ruptures from landmark sessions on",
        f"Estimates [{look.level} intervals]. {coding_name(look.primary)}.",
        labels=labels,
        group="group",
        notes=[
            f"{unit.capitalize()}s lost: {unit}s between landmark and horizon that a patient "
            "missed on average because treatment had ended in this way.",
            "Intervals: bootstrap of therapists with their patients; pointwise. Gray's test "
            "compares the whole curves of repaired and open, patients taken as independent.",
            ROUNDED_SHARES if look.threshold else UNROUNDED,
        ],
        look=look,
    )


def gray_text(row: Mapping, look: Look) -> str:
    """Write a test, such as "Gray's test: χ² = 1.03, df 1, p = 0.310"."""
    if pd.isna(row["statistic"]):
        return f"Gray's test: {remark(row, look, 'statistic')}"
    p = p_value(row["p_value"])
    return f"Gray's test: χ² = {row['statistic']:.2f}, df {int(row['df'])}, {p}"


def _second(row: Mapping) -> str:
    return row["state_b"] if isinstance(row["state_b"], str) else ""


def _block(block: pd.DataFrame, look: Look) -> list[dict[str, str]]:
    counted = block.assign(**{c: count_texts(block[c]) for c in ("patients", "events")})
    by = {(row["measure"], row["state_a"], _second(row)): row for row in counted.to_dict("records")}
    first = counted.iloc[0]
    group = (
        f"{name('cause', first['cause'])} by {look.unit} {first['horizon']}, "
        f"in treatment at {look.unit} {first['landmark']}"
    )
    rows = [
        _row(by["incidence", state, ""], by["time_lost", state, ""], name("state", state), look)
        for state in STATE_ORDER
    ]
    for measure, pair in PAIRS.items():
        other = by[pair, *HEADLINE] if pair else None
        rows.append(_row(by[measure, *HEADLINE], other, LINES[measure], look))
    rows[-1] |= {"patients": "", "events": ""}
    rows.append({"what": gray_text(by["gray", *HEADLINE], look)})
    return [{"group": group} | row for row in rows]


def _row(row: Mapping, lost: Mapping | None, what: str, look: Look) -> dict[str, str]:
    share = row["measure"] in SHARES
    return {
        "what": what,
        "patients": row["patients"],
        "events": row["events"],
        "incidence": _estimate(row, 1 if share else 2, 100 if share else 1),
        "time_lost": _estimate(lost, 2) if lost else "",
        "reason": remark(row, look) if pd.isna(row["estimate"]) else reason_text(row["reason"]),
    }


def _estimate(row: Mapping, digits: int, scale: float = 1.0) -> str:
    return with_interval(row["estimate"], row["ci_low"], row["ci_high"], digits, scale=scale)


def draw_contrasts(tables: Tables, look: Look) -> Drawing:
    """Draw the differences of the main definition and rule."""
    rows = primary_rows(tables["landmark_contrasts"], look.primary)
    title = "Repaired against open ruptures from landmarks"
    return Drawing(contrasts_figure(rows, look), title, alt_text(rows, look))


@styled
def contrasts_figure(contrasts: pd.DataFrame, look: Look) -> "Figure":
    """Draw the two differences of each landmark and ending, with the shares and Gray's test.

    Parameters
    ----------
    contrasts : DataFrame
        Published contrasts of one definition and rule.
    look : Look
    """
    rows, height = placed(contrasts)
    unit = look.unit
    width = LABEL + 2 * SHARE + 2 * (PLOT + TEXT) + TEST
    fig = new_figure(width, height + ABOVE + BELOW)
    left = LABEL + 2 * SHARE
    panels = [_axes(fig, left + i * (PLOT + TEXT), PLOT, height) for i in range(2)]
    _labels(panels[0], rows, left, unit)
    horizon = f"{unit} {rows['horizon'].iloc[0]}" if len(rows) else "the horizon"
    titles = [
        f"Ended by {horizon}: difference\nin percentage points",
        f"{unit.capitalize()}s lost by {horizon}:\ndifference",
    ]
    for ax, measure, scale, title in zip(panels, DIFFERENCES, (100, 1), titles, strict=True):
        _forest(ax, rows[rows["measure"].eq(measure)], scale, look)
        panel_title(ax, title)
    _tests(panels[1], rows)
    subtitle = f"Differences: repaired minus open. {coding_name(look.primary)}."
    headline(fig, TITLE, subtitle, look)
    footnote(fig, _note(look), look)
    return fig


def alt_text(contrasts: pd.DataFrame, look: Look) -> str:
    """Say each difference with its interval."""
    rows, _ = placed(contrasts)
    parts = []
    for measure, scale, what in zip(
        DIFFERENCES, (100, 1), ("percentage points", f"{look.unit}s lost"), strict=True
    ):
        for row in rows[rows["measure"].eq(measure)].to_dict("records"):
            where = f"from {look.unit} {row['landmark']}, {name('cause', row['cause']).lower()}"
            parts.append(f"{where}, {what}: {_text(row, scale) or why(row, look)}")
    return f"Forest plot of repaired minus open ruptures at landmark sessions; {'; '.join(parts)}."


def placed(rows: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Rows to draw with their height `y` in inches from the top, and the height of all."""
    rows = rows[rows["cause"].isin(CAUSES)]
    top, blocks = 0.0, []
    for _, block in rows.groupby("landmark", sort=True):
        lines = {cause: i for i, cause in enumerate(c for c in CAUSES if c in set(block["cause"]))}
        y = [top + GROUP + ROW * (lines[cause] + 0.5) for cause in block["cause"]]
        blocks.append(block.assign(y=y, top=top))
        top += GROUP + ROW * len(lines) + 0.08
    return (pd.concat(blocks) if blocks else rows.assign(y=0.0, top=0.0)), max(top, ROW)


def _axes(fig: "Figure", left: float, width: float, height: float) -> "Axes":
    from matplotlib.ticker import NullLocator

    total_width, total = fig.get_size_inches()
    ax = fig.add_axes((left / total_width, BELOW / total, width / total_width, height / total))
    ax.set(ylim=(height, 0), facecolor="none")
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    return ax


def _labels(ax: "Axes", rows: pd.DataFrame, left: float, unit: str) -> None:
    """Write what each row is about, and the share that had ended in each state."""
    at = ax.get_yaxis_transform()  # x in widths of the panel, y in inches
    columns = {"unrepaired": -2 * SHARE / PLOT, "repaired": -SHARE / PLOT}
    style: dict[str, Any] = {"transform": at, "fontsize": 8.5}
    for state, x in columns.items():
        ax.text(x, -0.12, f"{state.capitalize()}", fontweight="bold", va="bottom", **style)
    style |= {"va": "center"}
    start = -left / PLOT
    for row in rows.drop_duplicates("landmark").to_dict("records"):
        here = rows[rows["landmark"].eq(row["landmark"])]
        y = row["top"] + GROUP / 2
        ax.text(start, y, f"From {unit} {row['landmark']}", fontweight="bold", **style)
        for state, x in columns.items():
            ax.text(x, y, _patients(here, state), color=GREY, **style)
        if row["top"]:
            end = (2 * PLOT + 2 * TEXT + TEST) / PLOT
            ax.plot([start, end], [row["top"]] * 2, transform=at, color=FAINT, lw=1, clip_on=False)
    for row in rows[rows["measure"].eq(DIFFERENCES[0])].to_dict("records"):
        ax.text(start + 0.08 / PLOT, row["y"], name("cause", row["cause"]), **style)
    shares = rows[rows["measure"].eq("incidence")]
    for row in shares[shares["state_a"].isin(list(columns))].to_dict("records"):
        color = STATES[row["state_a"]].color
        text = percent(row["estimate"]) or "–"
        ax.text(columns[row["state_a"]], row["y"], text, color=color, **style)


def _patients(rows: pd.DataFrame, state: str) -> str:
    n = rows.loc[rows["state_a"].eq(state) & ~rows["state_b"].isin(STATE_ORDER), "patients"]
    return f"n = {count_text(n.iloc[0])}" if len(n) else ""


def _forest(ax: "Axes", rows: pd.DataFrame, scale: int, look: Look) -> None:
    from matplotlib.ticker import MaxNLocator

    ends = scale * rows[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    reach = 1.1 * np.nanmax(np.abs(ends), initial=0.0)
    reach = reach if reach > 0 else 1.0
    ax.set_xlim(-reach, reach)
    ax.axvline(0, color=BLACK, lw=0.8, zorder=0)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    at = ax.get_yaxis_transform()
    for row, (value, low, high) in zip(rows.to_dict("records"), ends, strict=True):
        mark = MARKS[row["cause"]]
        draw_row(ax, row["y"], value, (low, high), mark)
        words: dict[str, Any] = {"transform": at, "va": "center", "color": mark.color}
        ax.text(1 + 0.08 / PLOT, row["y"], _text(row, scale), fontsize=8.5, **words)
        if np.isnan(value):
            say(ax, row["y"], why(row, look), PLOT + TEXT, 0.01)
    y = -0.34 / (ax.bbox.height / ax.figure.dpi)
    small: dict[str, Any] = {"transform": ax.transAxes, "fontsize": 7.5, "color": GREY}
    ax.text(0, y, "← fewer if repaired" if scale > 1 else "← less if repaired", va="top", **small)
    ax.text(1, y, "more →", va="top", ha="right", **small)


def _tests(ax: "Axes", rows: pd.DataFrame) -> None:
    x = 1 + (TEXT + TEST) / PLOT
    style: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "ha": "right", "fontsize": 8.5}
    ax.text(x, -0.12, "Gray's\ntest, p", va="bottom", fontweight="bold", **style)
    for row in rows[rows["measure"].eq("gray")].to_dict("records"):
        text = p_value(row["p_value"], bare=True) or "–"
        ax.text(x, row["y"], text, va="center", color=MARKS[row["cause"]].color, **style)


def _text(row: Mapping, scale: int) -> str:
    text = _estimate(row, 1 if scale > 1 else 2, scale)
    return f"{text} [no interval]" if text and pd.isna(row["ci_low"]) else text


def _note(look: Look) -> str:
    clock = f"{look.unit}s"
    rounded = f" {ROUNDED_SHARES}" if look.threshold else ""
    return (
        f"Lines: {look.level} intervals from a bootstrap of therapists with their "
        f"patients; pointwise. {clock.capitalize()} lost: {clock} up to the horizon that a patient "
        "missed on average because treatment had ended in this way. Gray's test compares the whole "
        f"curves and takes patients as independent.{rounded}"
    )


PRODUCT = Product(
    name="landmark_contrasts",
    about="Repaired against open ruptures from landmarks on: endings, time lost, Gray's test",
    raw={"contrasts": "models/landmark_contrasts.parquet"},
    make=with_persons,
    columns=(
        Column("landmark", "number", label="Landmark"),
        Column("definition"),
        Column("repair_rule"),
        Column("cause", label="Ending"),
        Column("measure", label="Measure"),
        Column("contrast", label="State, or states compared"),
        Column("horizon", "number", label="Horizon"),
        Column("estimate", "mean", of=["persons", *FEWEST], ends=("ci_low", "ci_high")),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("statistic", "test", label="χ²", of=FEWEST),
        Column("df", "number", label="df"),
        Column("p_value", "p", label="p", of=FEWEST),
        Column("patients", "count", label="Patients"),
        Column("events", "count", label="Endings", of=["patients"]),
        Column("replicates", "number"),
        Column("reason", "text", label="Note", of=FEWEST),
        Column("state_a"),
        Column("state_b"),
        Column("persons", "basis"),
        *(Column(cell, "basis") for cell in FEWEST),
    ),
    lay_out=contrasts_table,
    draw=draw_contrasts,
)
