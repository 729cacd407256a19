"""Repaired against unrepaired ruptures from landmarks: difference in endings and in time lost."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from rupture_outcome.look.style import (
    BLACK,
    FAINT,
    GREY,
    STATES,
    Mark,
    footnote,
    headline,
    panel_title,
    styled,
)
from rupture_outcome.look.words import name
from rupture_outcome.tables.landmark_contrasts import CAUSES, chosen

TITLE = "Repaired against unrepaired ruptures, from landmark sessions on"
DIFFERENCES = ("incidence_difference", "time_lost_difference")
LOOKS = {"dropout": Mark(BLACK, "-", "o"), "agreed_ending": Mark(GREY, "--", "s")}
NOT_SHOWN = {True: "withheld: few patients or endings", False: "not estimable"}
# inches: the columns from left to right, then heights
LABEL, SHARE, PLOT, TEXT, TEST = 1.5, 0.95, 2.0, 1.55, 0.65
ROW, GROUP, ABOVE, BELOW = 0.27, 0.34, 0.7, 0.7


@styled
def contrasts_figure(
    contrasts: pd.DataFrame,
    primary: Mapping[str, str],
    *,
    unit: str = "session",
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw the two differences of each landmark and ending, with the shares and Gray's test.

    Parameters
    ----------
    contrasts : DataFrame
        Published contrasts (`publishable_contrasts`), of every definition and rule.
    primary : mapping
        ``definition`` and ``repair_rule`` to show.
    unit : str
        Of the clock, in the singular.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    rows, height = placed(chosen(contrasts, primary))
    width = LABEL + 2 * SHARE + 2 * (PLOT + TEXT) + TEST
    fig = Figure(figsize=(width, height + ABOVE + BELOW))
    left = LABEL + 2 * SHARE
    panels = [_axes(fig, left + i * (PLOT + TEXT), PLOT, height) for i in range(2)]
    _labels(panels[0], rows, left, unit)
    horizon = f"{unit} {rows['horizon'].iloc[0]}" if len(rows) else "the horizon"
    titles = [
        f"Ended by {horizon}: difference\nin percentage points",
        f"{unit.capitalize()}s lost by {horizon}:\ndifference",
    ]
    for ax, measure, scale, title in zip(panels, DIFFERENCES, (100, 1), titles, strict=True):
        _forest(ax, rows[rows["measure"].eq(measure)], scale)
        panel_title(ax, title)
    _tests(panels[1], rows)
    headline(fig, TITLE, _subtitle(primary), simulated=simulated)
    footnote(fig, _note(rows, confidence, f"{unit}s"))
    return fig


def alt_text(contrasts: pd.DataFrame, primary: Mapping[str, str], unit: str = "session") -> str:
    """Say each difference with its interval."""
    rows, _ = placed(chosen(contrasts, primary))
    parts = []
    for measure, scale, what in zip(
        DIFFERENCES, (100, 1), ("percentage points", f"{unit}s lost"), strict=True
    ):
        for row in rows[rows["measure"].eq(measure)].to_dict("records"):
            where = f"from {unit} {row['landmark']}, {name('cause', row['cause']).lower()}"
            text = _text(row, scale)
            parts.append(f"{where}, {what}: {text or _why(row)}")
    return (
        "Forest plot of repaired minus unrepaired ruptures at landmark sessions; "
        f"{'; '.join(parts)}."
    )


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


def _axes(fig: Figure, left: float, width: float, height: float) -> Axes:
    total_width, total = fig.get_size_inches()
    ax = fig.add_axes((left / total_width, BELOW / total, width / total_width, height / total))
    ax.set(ylim=(height, 0), facecolor="none")
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    return ax


def _labels(ax: Axes, rows: pd.DataFrame, left: float, unit: str) -> None:
    """Write what each row is about, and the share that had ended in each state."""
    at = ax.get_yaxis_transform()  # x in widths of the panel, y in inches
    columns = {"unrepaired": -2 * SHARE / PLOT, "repaired": -SHARE / PLOT}
    for state, x in columns.items():
        head: dict[str, Any] = {"transform": at, "va": "bottom", "fontsize": 8.5}
        ax.text(x, -0.12, f"{state.capitalize()}", fontweight="bold", **head)
    start = -left / PLOT
    for row in rows.drop_duplicates("landmark").to_dict("records"):
        here = rows[rows["landmark"].eq(row["landmark"])]
        n = [_patients(here, state) for state in columns]
        look: dict[str, Any] = {"transform": at, "va": "center", "fontsize": 8.5}
        y = row["top"] + GROUP / 2
        ax.text(start, y, f"From {unit} {row['landmark']}", fontweight="bold", **look)
        for x, text in zip(columns.values(), n, strict=True):
            ax.text(x, y, text, color=GREY, **look)
        if row["top"]:
            end = (2 * PLOT + 2 * TEXT + TEST) / PLOT
            ax.plot([start, end], [row["top"]] * 2, transform=at, color=FAINT, lw=1, clip_on=False)
    shares = rows[rows["measure"].eq("incidence")]
    for row in rows[rows["measure"].eq(DIFFERENCES[0])].to_dict("records"):
        look = {"transform": at, "va": "center", "fontsize": 8.5}
        ax.text(start + 0.08 / PLOT, row["y"], name("cause", row["cause"]), **look)
    for row in shares[shares["contrast"].isin(list(columns))].to_dict("records"):
        text = "–" if pd.isna(row["estimate"]) else f"{100 * row['estimate']:.1f}%"
        color = STATES[row["contrast"]].color
        ax.text(columns[row["contrast"]], row["y"], text, color=color, **look)


def _patients(rows: pd.DataFrame, state: str) -> str:
    n = rows.loc[rows["contrast"].eq(state), "patients"]
    known = len(n) and pd.notna(n.iloc[0])
    return f"n = {int(n.iloc[0]):,}" if known else "n withheld"


def _forest(ax: Axes, rows: pd.DataFrame, scale: int) -> None:
    ends = scale * rows[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    reach = 1.1 * np.nanmax(np.abs(ends), initial=0.0)
    reach = reach if reach > 0 else 1.0
    at = ax.get_yaxis_transform()
    for row in rows.to_dict("records"):
        look = LOOKS[row["cause"]]
        text = _text(row, scale)
        words: dict[str, Any] = {"transform": at, "va": "center", "color": look.color}
        if not text:
            words |= {"fontsize": 7.5, "zorder": 3, "backgroundcolor": "white"}
            ax.text(0.01, row["y"], _why(row), **words)
            continue
        ax.text(1 + 0.08 / PLOT, row["y"], text, fontsize=8.5, **words)
        line = scale * np.array([row["ci_low"], row["ci_high"]], dtype=float)
        ax.plot(line, [row["y"]] * 2, ls=look.line, color=look.color, lw=1.5)
        ax.plot(scale * row["estimate"], row["y"], marker=look.marker, color=look.color, ms=5.5)
    ax.axvline(0, color=BLACK, lw=0.8, zorder=0)
    ax.set_xlim(-reach, reach)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    y = -0.34 / (ax.bbox.height / ax.figure.dpi)
    small: dict[str, Any] = {"transform": ax.transAxes, "fontsize": 7.5, "color": GREY}
    ax.text(0, y, "← fewer if repaired" if scale > 1 else "← less if repaired", va="top", **small)
    ax.text(1, y, "more →", va="top", ha="right", **small)


def _tests(ax: Axes, rows: pd.DataFrame) -> None:
    at = ax.get_yaxis_transform()
    x = 1 + (TEXT + TEST) / PLOT
    look: dict[str, Any] = {"transform": at, "ha": "right", "fontsize": 8.5}
    ax.text(x, -0.12, "Gray's\ntest, p", va="bottom", fontweight="bold", **look)
    for row in rows[rows["measure"].eq("gray")].to_dict("records"):
        p = row["p_value"]
        text = "–" if pd.isna(p) else ("<0.001" if p < 0.001 else f"{p:.3f}")
        ax.text(x, row["y"], text, va="center", color=LOOKS[row["cause"]].color, **look)


def _text(row: Mapping, scale: int) -> str:
    if pd.isna(row["estimate"]):
        return ""
    digits = 1 if scale > 1 else 2
    text = f"{scale * row['estimate']:.{digits}f}".replace("-", "−")
    if pd.isna(row["ci_low"]):
        return f"{text} [no interval]"
    ends = ", ".join(f"{scale * row[end]:.{digits}f}" for end in ("ci_low", "ci_high"))
    return f"{text} [{ends}]".replace("-", "−")


def _why(row: Mapping) -> str:
    if "estimate" in str(row.get("withheld")):
        return NOT_SHOWN[True]
    note = row.get("note")
    return NOT_SHOWN[False] if pd.isna(note) or not note else f"{NOT_SHOWN[False]}: {note}"


def _subtitle(primary: Mapping[str, str]) -> str:
    definition = name("definition", primary["definition"])
    repair = name("repair_rule", primary["repair_rule"])
    return f"Differences: repaired minus unrepaired. {definition}; repair: {repair}."


def _note(rows: pd.DataFrame, confidence: float, clock: str) -> str:
    drawn = rows[rows["contrast"].ne("intact")]
    hidden = drawn["withheld"].astype(object).fillna("").astype(str).str.contains("estimate")
    withheld = " –: withheld because few patients or endings are concerned." if hidden.any() else ""
    return (
        f"Lines: {confidence * 100:g}% intervals from a bootstrap of therapists and their "
        f"patients; pointwise. {clock.capitalize()} lost: {clock} up to the horizon that a patient "
        "missed on average because treatment had ended in this way. Gray's test compares the whole "
        f"curves and takes patients as independent.{withheld}"
    )
