"""Where patients stand after each session: stacked states, and two curves with their bands."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator

from rupture_outcome.look.curves import percent_axis, session_ticks
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    GREY,
    LIGHT,
    SKY,
    STATES,
    VERMILLION,
    footnote,
    headline,
    panel_title,
    share,
    styled,
)
from rupture_outcome.look.words import name
from rupture_outcome.tables.state_occupancy import specification

TITLE = "Where patients stand after each session"
# From the bottom; the fill alone and the hatch alone tell neighbours apart, also in grey.
LAYERS: Mapping[str, tuple[Any, str]] = {
    "dropout": ("#4d4d4d", ""),
    "unrepaired": (VERMILLION, "////"),
    "repaired": (SKY, "...."),
    "intact": ("#e6e6e6", ""),
    "other_ending": (BLUE, "xxxx"),
    "agreed_ending": ("white", "--"),
}
CURVES = ("unrepaired", "dropout")
WIDTH, HEIGHT = 10.4, 4.6  # inches
LABEL_SPACING = 0.055


@styled
def occupancy_figure(
    occupancy: pd.DataFrame,
    *,
    clock: str = "Sessions attended",
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw the stacked states beside the curves of open ruptures and dropout.

    Parameters
    ----------
    occupancy : DataFrame
        Published occupancy (`publishable_occupancy`).
    clock : str
        Label of the axis of sessions.
    threshold : int
        Largest count that is not shown, for the note.
    confidence : float
        Level of intervals and bands.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    fig = Figure(figsize=(WIDTH, HEIGHT))
    stack = fig.add_axes((0.055, 0.11, 0.42, 0.81))
    curves = [fig.add_axes((0.70, y, 0.30, 0.33)) for y in (0.59, 0.11)]
    shares = _shares(occupancy)
    for ax in (stack, *curves):
        _session_axis(ax, occupancy)
        percent_axis(ax)
    _draw_stack(stack, shares, joined=_is_thinned(occupancy))
    stack.set_ylabel("Share of patients")
    panel_title(stack, "All states")
    for ax, state in zip(curves, CURVES, strict=True):
        _draw_curve(ax, occupancy[occupancy["state"].eq(state)], state)
        panel_title(ax, f"{_label(state)}, with bands")
    for ax in (stack, curves[-1]):
        ax.set_xlabel(f"{clock}, and what followed")
    curves[0].legend(handles=_legend(confidence), loc="upper left", fontsize=7.5, handlelength=1.6)
    curves[0].set_ylim(0, _top(occupancy, "unrepaired", 1.45))
    curves[1].set_ylim(0, _top(occupancy, "dropout", 1.1))
    headline(fig, TITLE, specification(occupancy), simulated=simulated)
    footnote(fig, _note(occupancy, threshold))
    return fig


def alt_text(occupancy: pd.DataFrame) -> str:
    """Say how patients are distributed at the last published session."""
    shares = _shares(occupancy)
    if shares.empty:
        return "Where patients stand after each session; withheld or not estimable."
    last = shares.iloc[-1]
    parts = [f"{_label(state).lower()} {share(last[state])}" for state in shares.columns]
    return (
        f"Stacked shares of patients by state, session by session. After session "
        f"{shares.index[-1]}: {', '.join(parts)}. Beside it the curves of open ruptures and of "
        "dropout with pointwise intervals and simultaneous bands."
    )


def _shares(occupancy: pd.DataFrame) -> pd.DataFrame:
    """Sessions by states as far as published; what is left out of all of them is one column."""
    wide = occupancy.pivot_table("estimate", "session", "state", sort=False)
    wide = wide.dropna().sort_index()
    shown = wide[[state for state in LAYERS if state in wide]]
    rest = 1.0 - shown.sum(axis=1)
    return shown.assign(withheld=rest) if len(shown.columns) < len(LAYERS) and len(shown) else shown


def _is_thinned(occupancy: pd.DataFrame) -> bool:
    every = occupancy.groupby("session")["estimate"].max().notna().to_numpy()
    last = np.flatnonzero(every)
    return bool(len(last) and not every[: last[-1]].all())


def _draw_stack(ax: Axes, shares: pd.DataFrame, *, joined: bool) -> None:
    if shares.empty:
        _say(ax, "withheld or not estimable")
        return
    x = shares.index.to_numpy(float)
    if not joined:  # a step lasts until the next one, the last step too
        x, shares = np.append(x, x[-1] + 1), pd.concat([shares, shares.tail(1)])
    tops = shares.cumsum(axis=1).to_numpy()
    bottoms = tops - shares.to_numpy()
    ax.set_xlim(x[0], x[-1])
    for i, state in enumerate(shares.columns):
        fill, hatch = LAYERS.get(str(state), ("white", ""))
        ax.fill_between(
            x, bottoms[:, i], tops[:, i], step=None if joined else "post",
            facecolor=fill, edgecolor="#333333", hatch=hatch, lw=0.6,
        )  # fmt: skip
    middles = (bottoms[-1] + tops[-1]) / 2
    for state, at, label in zip(shares.columns, middles, _spread(middles), strict=True):
        text = f"{_label(str(state))}, {share(shares[state].iloc[-1])}"
        out = x[-1] + 0.04 * (x[-1] - x[0])
        ax.plot([x[-1], out], [at, label], color=GREY, lw=0.7, clip_on=False)
        ax.text(out + 0.15, label, text, va="center", fontsize=8.5)
    ax.set_ylim(0, 1)


def _draw_curve(ax: Axes, curve: pd.DataFrame, state: str) -> None:
    known = curve[curve["estimate"].notna()].sort_values("session")
    if known.empty:
        _say(ax, "withheld or not estimable")
        return
    color = VERMILLION if state == "unrepaired" else BLACK
    line = STATES["unrepaired"].line if state == "unrepaired" else "--"
    x, y = known["session"].to_numpy(float), known["estimate"].to_numpy(float)
    bounds = {c: known[c].fillna(known["estimate"]).to_numpy(float) for c in known if _is_bound(c)}
    ax.fill_between(x, bounds["band_low"], bounds["band_high"], facecolor=(color, 0.1), lw=0)
    for edge in ("band_low", "band_high"):
        ax.plot(x, bounds[edge], color=GREY, lw=0.8, ls=":")
    ax.fill_between(x, bounds["ci_low"], bounds["ci_high"], facecolor=(color, 0.25), lw=0)
    ax.plot(x, y, color=color, ls=line, marker="o", ms=3, mew=0)


def _is_bound(column: Any) -> bool:
    return str(column).startswith(("ci_", "band_"))


def _session_axis(ax: Axes, occupancy: pd.DataFrame) -> None:
    first, last = int(occupancy["session"].min()), int(occupancy["session"].max())
    ax.xaxis.set_major_locator(FixedLocator(session_ticks(first, last)))
    ax.set_xlim(first, last)


def _top(occupancy: pd.DataFrame, state: str, room: float) -> float:
    highest = occupancy.loc[occupancy["state"].eq(state), ["estimate", "band_high"]].max().max()
    return 0.1 if pd.isna(highest) else min(1.0, room * float(highest) + 0.02)


def _spread(middles: Sequence[float] | np.ndarray) -> list[float]:
    """Move labels apart, upwards, then back below the top."""
    placed: list[float] = []
    for y in middles:
        placed.append(max(float(y), placed[-1] + LABEL_SPACING if placed else 0.02))
    over = max(0.0, placed[-1] - 0.98)
    placed[-1] -= over
    for i in reversed(range(len(placed) - 1)):
        placed[i] = min(placed[i], placed[i + 1] - LABEL_SPACING)
    return placed


def _label(state: str) -> str:
    if state == "withheld":
        return "Other states"
    return name("state" if state in STATES else "cause", state)


def _legend(confidence: float) -> list[Any]:
    level = f"{confidence * 100:g}%"
    return [
        Patch(facecolor=LIGHT, label=f"{level} interval, one session at a time"),
        Line2D([], [], color=GREY, ls=":", label=f"{level} band, all sessions at once"),
    ]


def _say(ax: Axes, text: str) -> None:
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", color=GREY)


def _note(occupancy: pd.DataFrame, threshold: int) -> str:
    first = occupancy[occupancy["session"].eq(occupancy["session"].min())]
    n = first["at_risk"].iloc[0]
    parts = [
        f"{'' if pd.isna(n) else f'n = {int(n):,} patients. '}At {int(first['session'].iloc[0])}: "
        "the state of the first session. Those in treatment are in the state of their next "
        "session; those who left, in the ending (Aalen–Johansen). Bootstrap of therapists and "
        "their patients."
    ]
    if _is_thinned(occupancy):
        parts.append(
            f"Sessions and states are left out where a count of 1 to {threshold} patients could "
            "be derived; points are joined by lines."
        )
    told = [note for note in occupancy["note"].dropna().astype(str).unique() if note]
    return " ".join([*parts, *(f"{note[:1].upper()}{note[1:]}." for note in told)])
