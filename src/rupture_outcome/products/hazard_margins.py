"""Predicted chances of ending after a session, by the state of ruptures."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.effect_rows import FEWEST, HEADLINE, compares
from rupture_outcome.look.curves import session_ticks
from rupture_outcome.look.formats import UNROUNDED, with_interval
from rupture_outcome.look.hazard_words import model_name
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import remark
from rupture_outcome.look.style import (
    FAINT,
    GREY,
    STATES,
    draw_band,
    footnote,
    headline,
    new_figure,
    styled,
)
from rupture_outcome.look.words import coding_name, contrast_name, name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAIR = ["state_a", "state_b"]
TITLE = "Chance of dropping out after a session, by state of ruptures"
CURVE = "hazard_by_session"
WIDTH, HEIGHT = 7.6, 3.7  # inches
QUANTITIES = {"hazard": 100.0, "difference": 100.0, "risk_ratio": 1.0}


def margins_table(tables: Tables, look: Look) -> str:
    """Lay out predicted hazards by state, their differences and ratios as HTML."""
    margins = tables["hazard_margins"].fillna({"state_b": ""})
    shown = margins[margins["quantity"].isin(list(QUANTITIES))]
    keys = ["model", "link", *PAIR]
    lines = shown.drop_duplicates(keys)[keys].reset_index(drop=True)
    cells = pd.DataFrame(index=lines.index)
    cells["group"] = [model_name(m, link) for m, link in lines[["model", "link"]].to_numpy()]
    cells["state"] = [_what(row) for row in lines.to_dict("records")]
    for quantity, scale in QUANTITIES.items():
        own = shown[shown["quantity"].eq(quantity)].set_index(["model", *PAIR])
        places = pd.MultiIndex.from_frame(lines[["model", *PAIR]])
        cells[quantity] = [_value(row, scale) for row in own.reindex(places).to_dict("records")]
    first = shown.drop_duplicates(keys).to_dict("records")
    cells["reason"] = [remark(row, look) for row in first]
    return html_table(
        cells,
        "hazard_margins",
        "Chance of ending after a session, by state of ruptures",
        f"{coding_name(look.primary)}. In brackets: {look.level} intervals.",
        labels={
            "state": "State, or states compared",
            "hazard": "Chance after a session, per cent",
            "difference": "Difference, percentage points",
            "risk_ratio": "Ratio of chances",
            "reason": "Note",
        },
        group="group",
        notes=[
            "Predicted from the model with every session at risk put into the state, at the "
            "session and covariates that it has, and averaged over sessions and therapists.",
            UNROUNDED,
        ],
        look=look,
    )


def _what(row: Mapping) -> str:
    return contrast_name(row) if row["state_b"] else name("state", row["state_a"])


def _value(row: Mapping, scale: float) -> str:
    return with_interval(row["estimate"], row["ci_low"], row["ci_high"], scale=scale)


def draw_margins(tables: Tables, look: Look) -> Drawing:
    """Draw the chance of dropping out after each session, by state."""
    margins = tables["hazard_margins"]
    return Drawing(margins_figure(margins, look), TITLE, alt_text(margins))


@styled
def margins_figure(margins: pd.DataFrame, look: Look) -> "Figure":
    """Draw published chances by session, and name each curve at its end."""
    fig = new_figure(WIDTH, HEIGHT)
    ax = fig.add_axes((0.09, 0.14, 0.62, 0.84))
    _curves(ax, margins, name("clock", look.clock))
    headline(fig, TITLE, f"{coding_name(look.primary)}.", look)
    footnote(fig, _note(margins, look), look)
    return fig


def alt_text(margins: pd.DataFrame) -> str:
    """Say what the chances are, averaged over sessions."""
    averages = " ".join(_averages(margins)) or "Withheld or not estimable."
    return f"Predicted chance of dropout after each session by state of ruptures. {averages}"


def _curves(ax: "Axes", margins: pd.DataFrame, clock: str) -> None:
    from matplotlib.ticker import FixedLocator, MaxNLocator

    known = margins[margins["quantity"].eq(CURVE) & margins["estimate"].notna()]
    ax.set_xlabel(clock)
    ax.set_ylabel("Predicted chance, per cent")
    if known.empty:
        text = "withheld or not estimable"
        ax.text(0.5, 0.5, text, transform=ax.transAxes, color=GREY, ha="center", fontsize=8.5)
        ax.set(xticks=[], yticks=[])
        return
    ends: list[tuple[float, str]] = []
    for state, mark in STATES.items():
        curve = known[known["state_a"].eq(state)].sort_values("session")
        x = curve["session"].to_numpy(float)
        low, middle, high = (100 * curve[c].to_numpy() for c in ("ci_low", "estimate", "ci_high"))
        style: dict[str, Any] = {"color": mark.color, "ls": mark.line, "marker": mark.marker}
        if len(x):
            ax.plot(x, middle, ms=4, **style)
            draw_band(ax, x, low, high, mark)
            ends.append((float(middle[-1]), state))
    first, last = int(known["session"].min()), int(known["session"].max())
    ax.xaxis.set_major_locator(FixedLocator(session_ticks(first, last)))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.set_ylim(0, 125 * float(known["ci_high"].max()))
    ax.grid(axis="y", color=FAINT, lw=0.8)
    ax.set_axisbelow(True)
    heights = _apart([y for y, _ in ends], ax.get_ylim()[1])
    for y, (_, shown) in zip(heights, ends, strict=True):
        look: dict[str, Any] = {"color": STATES[shown].color, "va": "center", "fontsize": 8.5}
        ax.annotate(name("state", shown), (1.01, y), xycoords=("axes fraction", "data"), **look)


def _apart(heights: list[float], top: float) -> list[float]:
    """Move labels apart from below, in the order given."""
    out = dict.fromkeys(range(len(heights)), 0.0)
    last = -top
    for k in sorted(out, key=lambda k: heights[k]):
        last = out[k] = max(heights[k], last + 0.06 * top)
    return list(out.values())


def _averages(margins: pd.DataFrame) -> list[str]:
    """Chances by state and the difference made by repair, in the main model, as sentences."""
    main = margins[margins["model"].eq("main") & margins["estimate"].notna()]
    states = main[main["quantity"].eq("hazard")].to_dict("records")
    if not states:
        return []
    chances = [f"{name('state', row['state_a'])}: {_percent(row)}." for row in states]
    found = main[main["quantity"].eq("difference") & compares(main, HEADLINE)].to_dict("records")
    change = [f"Repaired minus open: {_percent(row, ' points')}." for row in found]
    return ["Averaged over sessions at risk, main model:", *chances, *change]


def _percent(row: Mapping, unit: str = "%") -> str:
    return with_interval(row["estimate"], row["ci_low"], row["ci_high"], 1, unit, 100)


def _note(margins: pd.DataFrame, look: Look) -> str:
    parts = [
        *_averages(margins),
        f"Bands: {look.level} intervals. Predicted by the model with sessions as a smooth curve "
        "for all patients, as if each were in the state.",
    ]
    if look.threshold:
        parts.append(f"Left out are sessions with 1 to {look.threshold} patients in the state.")
    return " ".join(parts)


PRODUCT = Product(
    name="hazard_margins",
    about="Predicted chances of dropping out or ending after a session, by state of ruptures",
    raw={"margins": "models/hazard_margins.parquet"},
    columns=(
        Column("model", label="Model"),
        Column("event", label="Event"),
        Column("link"),
        Column("quantity", label="Quantity"),
        Column("state_a", label="State, or the first of two compared"),
        Column("state_b", label="The second"),
        Column("session", "number", label="Session"),
        Column("estimate", "estimate", of=FEWEST, ends=("ci_low", "ci_high"), se="se"),
        Column("se", "follows"),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("patients", "count"),
        Column("sessions", "count", of=["patients"]),
        Column("events", "count", of=["patients"]),
        Column("converged", "flag", of=FEWEST),
        Column("reason", "text", label="Note", of=FEWEST),
        Column("definition"),
        Column("repair_rule"),
        Column("dropout_definition"),
        *(Column(cell, "basis") for cell in FEWEST),
    ),
    lay_out=margins_table,
    draw=draw_margins,
)
