"""Where patients stand after each session: states as a table, stacked, and as curves."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.curves import percent_axis, session_ticks
from rupture_outcome.look.formats import UNKNOWN, count_text
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.state_texts import (
    share_cells,
    shown_sessions,
    specification,
    state_name,
    told_notes,
)
from rupture_outcome.look.style import (
    ENDINGS,
    GREY,
    LIGHT,
    STATES,
    VERMILLION,
    footnote,
    headline,
    new_figure,
    panel_title,
    share,
    styled,
    tint,
)
from rupture_outcome.look.words import name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Where patients stand after each session"
# From the bottom; the fill alone and the hatch alone tell neighbours apart, also in grey.
LAYERS: Mapping[str, tuple[Any, str]] = {
    "dropout": (ENDINGS["dropout"].color, ""),
    "unrepaired": (tint(STATES["unrepaired"].color, 0.75), "////"),
    "repaired": (tint(STATES["repaired"].color, 0.4), "...."),
    "intact": (tint(STATES["intact"].color, 0.2), ""),
    "other_ending": (tint(ENDINGS["administrative"].color, 0.75), "xxxx"),
    "agreed_ending": (tint(ENDINGS["agreed"].color, 0.3), "--"),
}
CURVES = ("unrepaired", "dropout")
WIDTH, HEIGHT = 10.4, 4.6  # inches
LABEL_SPACING = 0.055


def occupancy_table(tables: Tables, look: Look) -> str:
    """Lay out a row a state, a column for a few sessions."""
    occupancy = tables["state_occupancy"]
    sessions = shown_sessions(occupancy)
    curves = occupancy.groupby("state", sort=False)
    rows = [share_cells(curve, sessions, look) for _, curve in curves]
    labels = {"state": "State"} | {str(s): _heading(s, occupancy) for s in sessions}
    return html_table(
        pd.DataFrame(rows, columns=list(labels)),
        "state_occupancy",
        TITLE,
        f"% of patients [{look.level} interval]. {specification(occupancy)}",
        labels=labels,
        notes=[
            "Those in treatment are in the state of their next session. Intervals: bootstrap of "
            "therapists and their patients, for one session at a time; bands for all sessions at "
            "once are in the file.",
            *told_notes(occupancy),
        ],
        look=look,
    )


def draw_occupancy(tables: Tables, look: Look) -> Drawing:
    """Draw the stacked states beside the curves of open ruptures and dropout."""
    occupancy = tables["state_occupancy"]
    return Drawing(occupancy_figure(occupancy, look), TITLE, alt_text(occupancy))


@styled
def occupancy_figure(occupancy: pd.DataFrame, look: Look) -> "Figure":
    """Draw published occupancy."""
    fig = new_figure(WIDTH, HEIGHT)
    stack = fig.add_axes((0.055, 0.11, 0.42, 0.81))
    curves = [fig.add_axes((0.70, y, 0.30, 0.33)) for y in (0.59, 0.11)]
    for ax in (stack, *curves):
        _session_axis(ax, occupancy)
        percent_axis(ax)
    _draw_stack(stack, _shares(occupancy))
    stack.set_ylabel("Share of patients")
    panel_title(stack, "All states")
    for ax, state in zip(curves, CURVES, strict=True):
        _draw_curve(ax, occupancy[occupancy["state"].eq(state)], state)
        panel_title(ax, f"{state_name(state)}, with bands")
    for ax in (stack, curves[-1]):
        ax.set_xlabel(f"{name('clock', look.clock)}, and what followed")
    curves[0].legend(handles=_legend(look), loc="upper left", fontsize=7.5, handlelength=1.6)
    curves[0].set_ylim(0, _top(occupancy, "unrepaired", 1.45))
    curves[1].set_ylim(0, _top(occupancy, "dropout", 1.1))
    headline(fig, TITLE, specification(occupancy), look)
    footnote(fig, _note(occupancy), look)
    return fig


def alt_text(occupancy: pd.DataFrame) -> str:
    """Say how patients are distributed at the last published session."""
    shares = _shares(occupancy)
    if shares.empty:
        return "Where patients stand after each session; withheld or not estimable."
    last = shares.iloc[-1]
    parts = [f"{state_name(state).lower()} {_share(last[state])}" for state in shares.columns]
    return (
        f"Stacked shares of patients by state, session by session. After session "
        f"{shares.index[-1]}: {', '.join(parts)}. Beside it the curves of open ruptures and of "
        "dropout with pointwise intervals and simultaneous bands."
    )


def _heading(session: int, occupancy: pd.DataFrame) -> str:
    first = session == occupancy["session"].min()
    return "At the first session" if first else f"After session {session}"


def _shares(occupancy: pd.DataFrame) -> pd.DataFrame:
    """Sessions by states, as far as anything of a session is published."""
    wide = occupancy.pivot_table("estimate", "session", "state", sort=False).sort_index()
    return wide.reindex(columns=list(LAYERS)) if len(wide) else wide


def _share(value: float) -> str:
    return UNKNOWN if pd.isna(value) else share(value)


def _draw_stack(ax: "Axes", shares: pd.DataFrame) -> None:
    if shares.empty:
        _say(ax, "withheld or not estimable")
        return
    x = shares.index.to_numpy(float)
    x, shares = np.append(x, x[-1] + 1), pd.concat([shares, shares.tail(1)])
    tops = shares.fillna(0).cumsum(axis=1).to_numpy()
    bottoms = tops - shares.fillna(0).to_numpy()
    ax.set_xlim(x[0], x[-1])
    for i, state in enumerate(shares.columns):
        fill, hatch = LAYERS[str(state)]
        ax.fill_between(
            x, bottoms[:, i], tops[:, i], step="post",
            facecolor=fill, edgecolor="#333333", hatch=hatch, lw=0.6,
        )  # fmt: skip
    middles = (bottoms[-1] + tops[-1]) / 2
    top = max(1.0, float(tops.max().round(9)))
    for state, at, label in zip(shares.columns, middles, _spread(middles, top), strict=True):
        text = f"{state_name(state)}, {_share(shares[state].iloc[-1])}"
        out = x[-1] + 0.04 * (x[-1] - x[0])
        ax.plot([x[-1], out], [at, label], color=GREY, lw=0.7, clip_on=False)
        ax.text(out + 0.15, label, text, va="center", fontsize=8.5)
    ax.set_ylim(0, top)


def _draw_curve(ax: "Axes", curve: pd.DataFrame, state: str) -> None:
    known = curve[curve["estimate"].notna()].sort_values("session")
    if known.empty:
        _say(ax, "withheld or not estimable")
        return
    color = VERMILLION if state == "unrepaired" else ENDINGS["dropout"].color
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


def _session_axis(ax: "Axes", occupancy: pd.DataFrame) -> None:
    from matplotlib.ticker import FixedLocator

    first, last = int(occupancy["session"].min()), int(occupancy["session"].max())
    ax.xaxis.set_major_locator(FixedLocator(session_ticks(first, last)))
    ax.set_xlim(first, last)


def _top(occupancy: pd.DataFrame, state: str, room: float) -> float:
    highest = occupancy.loc[occupancy["state"].eq(state), ["estimate", "band_high"]].max().max()
    return 0.1 if pd.isna(highest) else min(1.0, room * float(highest) + 0.02)


def _spread(middles: Sequence[float] | np.ndarray, top: float) -> list[float]:
    """Move labels apart, upwards, then back below the top."""
    spacing = LABEL_SPACING * top
    placed: list[float] = []
    for y in middles:
        placed.append(max(float(y), placed[-1] + spacing if placed else 0.02 * top))
    over = max(0.0, placed[-1] - 0.98 * top)
    placed[-1] -= over
    for i in reversed(range(len(placed) - 1)):
        placed[i] = min(placed[i], placed[i + 1] - spacing)
    return placed


def _legend(look: Look) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        Patch(facecolor=LIGHT, label=f"{look.level} interval, one session at a time"),
        Line2D([], [], color=GREY, ls=":", label=f"{look.level} band, all sessions at once"),
    ]


def _say(ax: "Axes", text: str) -> None:
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", color=GREY)


def _note(occupancy: pd.DataFrame) -> str:
    first = occupancy[occupancy["session"].eq(occupancy["session"].min())].iloc[0]
    return " ".join(
        [
            f"n = {count_text(first['at_risk'])} patients. At {int(first['session'])}: "
            "the state of the first session. Those in treatment are in the state of their next "
            "session; those who left, in the ending (Aalen–Johansen). Bootstrap of therapists and "
            "their patients.",
            *told_notes(occupancy),
        ]
    )


def with_patients(look: Look, frame: pd.DataFrame) -> pd.DataFrame:
    """Add how many patients the shares are of: who is there at the start."""
    return frame.assign(patients=frame["at_risk"].iloc[0])


PRODUCT = Product(
    name="state_occupancy",
    about="Share of patients in every state, or in the ending that followed it, by session",
    raw={"frame": "models/state_occupancy.parquet"},
    make=with_patients,
    columns=(
        Column("session", "number", label="Session"),
        Column("state", label="State"),
        Column(
            "estimate", "mean", label="Share", of=["patients"],
            ends=["ci_low", "ci_high", "band_low", "band_high"],
        ),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("band_low", "follows"),
        Column("band_high", "follows"),
        Column("at_risk", "count", label="Patients in treatment just before"),
        Column("patients", "basis"),
        Column("definition", label="Definition"),
        Column("repair_rule", label="Repair"),
        Column("reason", "text", label="Note"),
    ),
    lay_out=occupancy_table,
    draw=draw_occupancy,
)  # fmt: skip
