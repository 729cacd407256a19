"""How far the effect of repair moves under other suppositions: three panels."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from rupture_outcome.figures.sensitivity_panels import HEADLINE, draw_errors, draw_shares
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    GREY,
    SKY,
    Mark,
    footnote,
    headline,
    panel_title,
    styled,
)
from rupture_outcome.look.words import name, ratio_name

TITLE = "How far the effect of repair could move"
NOTHING = "The main specification gives no effect on dropout that could be looked at further."
RUPTURE = "unrepaired vs intact"
FOREST = (
    ("missing_ratings", "carried", "Main analysis"),
    ("marginal_structural", "unweighted", "No therapist effect"),
    ("marginal_structural", "weighted", "… weighted by symptoms"),
    ("marginal_structural", "weighted_truncated", "… with weights truncated"),
    ("missing_ratings", "left_out", "Untested sessions left out"),
    ("missing_ratings", "open", "… all taken as open ruptures"),
    ("missing_ratings", "repaired_if_open", "… open ruptures taken as repaired"),
)
LOOKS: Mapping[str, Mark] = {
    "carried": Mark(BLACK, "-", "D"),
    "marginal_structural": Mark(BLUE, "-", "o"),
    "missing_ratings": Mark(SKY, "-", "s"),
}
TICKS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
LIMITS = (0.04, 25.0)
# inches
WIDTH, LABELS, PLOT, TEXT, ROW = 10.0, 2.35, 2.3, 1.45, 0.24
TOP, LOW, BETWEEN, BOTTOM = 0.3, 2.9, 1.05, 0.55


@styled
def sensitivity_figure(
    effects: pd.DataFrame,
    *,
    link: str = "logit",
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw the published sensitivity analyses (`publishable_sensitivity`).

    Above, a forest of both contrasts: the main analysis, weighted for symptoms, and with untested
    sessions taken otherwise. Below, for repaired against unrepaired: the ratio as more untested
    sessions are supposed to have been repaired, or open; and the ratio corrected for errors of
    coding, as contours over sensitivity and specificity.

    Parameters
    ----------
    effects : DataFrame
        ``sensitivity.csv``.
    link : {"logit", "cloglog"}
        Names the ratio.
    confidence : float
        Level of the intervals.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    ratio = ratio_name(link)
    rows = len(FOREST) * ROW
    height = TOP + rows + BETWEEN + LOW + BOTTOM
    fig = Figure(figsize=(WIDTH, height))
    for contrast, left, title in (
        (HEADLINE, LABELS, "Repaired against unrepaired"),
        (RUPTURE, LABELS + PLOT + TEXT + 0.1, "Unrepaired against none so far"),
    ):
        ax = _axes(fig, left, height - TOP - rows, PLOT, rows)
        _forest(ax, effects[effects["contrast"].eq(contrast)], ratio, labels=left == LABELS)
        panel_title(ax, title)
    shares = _axes(fig, 0.75, BOTTOM, 4.5, LOW)
    draw_shares(shares, effects, ratio)
    errors = _axes(fig, 6.35, BOTTOM, 3.4, LOW)
    draw_errors(errors, effects)
    headline(fig, TITLE, _subtitle(effects), simulated=simulated)
    footnote(fig, _note(confidence))
    return fig


def alt_text(effects: pd.DataFrame, link: str = "logit") -> str:
    """Say what the ratio of repaired against unrepaired is under each supposition."""
    main = effects[effects["contrast"].eq(HEADLINE)]
    if main["ratio"].isna().all():
        return NOTHING
    parts = [
        f"{label.removeprefix('… ')}: {_ratio_text(row) or _why(row)}"
        for label, row in _forest_rows(main)
    ]
    texts = [
        "How far the effect of repair could move. Repaired against unrepaired rupture, "
        f"{ratio_name(link).lower()}: {'; '.join(parts)}.",
        *_tipping_texts(main),
    ]
    own = main[main["setting"].eq("own") & main["ratio"].notna()]
    texts += [
        f"Corrected for the definition's own errors of coding: {_ratio_text(row)}."
        for row in own.to_dict("records")
    ]
    return " ".join(texts)


def _axes(fig: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    total_width, total = fig.get_size_inches()
    place = (left / total_width, bottom / total, width / total_width, height / total)
    return fig.add_axes(place)


def _forest_rows(effects: pd.DataFrame) -> list[tuple[str, dict]]:
    rows = {(r["analysis"], r["setting"]): r for r in effects.to_dict("records")}
    keys = [(label, rows.get((analysis, setting))) for analysis, setting, label in FOREST]
    return [(label, row) for label, row in keys if row is not None]


def _forest(ax: Axes, effects: pd.DataFrame, ratio: str, *, labels: bool) -> None:
    rows = _forest_rows(effects)
    ends = np.exp(np.array([[row["ci_low"], row["ci_high"]] for _, row in rows], dtype=float))
    low = max(min([0.5, *ends[np.isfinite(ends)]]) * 0.9, LIMITS[0])
    high = min(max([2.0, *ends[np.isfinite(ends)]]) * 1.1, LIMITS[1])
    ax.set(ylim=(len(FOREST), 0), xscale="log", xlim=(low, high), xlabel=f"{ratio} (log scale)")
    at = ax.get_yaxis_transform()
    for i, (label, row) in enumerate(rows):
        y, weight = i + 0.5, "bold" if i == 0 else "normal"
        if labels:
            text: dict[str, Any] = {"va": "center", "fontsize": 8.5, "fontweight": weight}
            ax.text(-LABELS / PLOT, y, label, transform=at, **text)
        _interval(ax, row, y, low, high)
        if _ratio_text(row):
            ax.text(1.04, y, _ratio_text(row), transform=at, va="center", fontsize=8.5)
        else:
            white: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            why: dict[str, Any] = {"va": "center", "fontsize": 7.5, "color": GREY, "bbox": white}
            ax.text(0.02, y, _why(row), transform=at, zorder=3, **why)
    ax.axvline(1, color=BLACK, lw=0.8, zorder=0)
    ax.spines["left"].set_visible(False)
    ax.yaxis.set_major_locator(NullLocator())
    ax.xaxis.set_major_locator(FixedLocator([t for t in TICKS if low <= t <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _interval(ax: Axes, row: dict, y: float, low: float, high: float) -> None:
    if pd.isna(row["estimate"]):
        return
    look = LOOKS.get(row["setting"], LOOKS[row["analysis"]])
    ends = np.exp([row["ci_low"], row["ci_high"]])
    ax.plot(np.clip(ends, low, high), [y, y], color=look.color, ls=look.line, lw=1.5)
    if low <= row["ratio"] <= high:
        ax.plot(row["ratio"], y, marker=look.marker, color=look.color, ms=5.5, ls="")


def _ratio_text(row: dict) -> str:
    if pd.isna(row["estimate"]):
        return ""
    low, high = np.exp([row["ci_low"], row["ci_high"]])
    return f"{row['ratio']:.2f} [{low:.2f}, {high:.2f}]"


def _why(row: dict) -> str:
    if "estimate" in str(row.get("withheld")):
        return "withheld: too few patients or events"
    note = "" if pd.isna(row.get("note")) else str(row["note"])
    text = f"not estimable: {note}" if note else "not estimable"
    return text if len(text) <= 52 else f"{text[:50]} …"


def _tipping_texts(effects: pd.DataFrame) -> list[str]:
    rows = effects[effects["setting"].astype(str).str.startswith("tipping_")]
    return [
        f"{name('sensitivity', row['setting'].removeprefix('tipping_'))}: "
        f"{row['note']} ({100 * row['value']:.0f}%)."
        for row in rows[rows["value"].notna()].to_dict("records")
    ]


def _subtitle(effects: pd.DataFrame) -> str:
    rows = effects[effects["analysis"].eq("e_value") & effects["setting"].eq("per_session")]
    main = rows[rows["contrast"].eq(HEADLINE) & rows["e_value"].notna()]
    if main.empty:
        return "Main definition of rupture and of repair."
    row = main.iloc[0]
    n = f"n = {row['patients']:,.0f} patients. " if pd.notna(row["patients"]) else ""
    return (
        f"{n}Main definition of rupture and of repair. E-value of repaired against unrepaired: "
        f"{row['e_value']:.2f} (of the limit of its interval: {row['e_value_limit']:.2f})."
    )


def _note(confidence: float) -> str:
    return (
        f"Lines and band: {confidence * 100:g}% intervals. Untested: the definition could not be "
        "tested in the session; the main analysis carries the state before on. Diamonds: share "
        "from which the interval begins or ceases to include 1. Corrected ratios are not adjusted "
        "for session and covariates; errors of coding are taken to be the same before dropout."
    )
