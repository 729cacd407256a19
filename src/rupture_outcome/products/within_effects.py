"""What a session says of the next one within patients, by several methods."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.look.forest import TRUTH, difference_axis, draw_row, say, true_beside
from rupture_outcome.look.formats import number, with_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import remark
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    GREY,
    Mark,
    footnote,
    headline,
    new_figure,
    panel_title,
    styled,
)
from rupture_outcome.look.words import coding_name, name
from rupture_outcome.products.growth_effects import difference_cells, difference_labels
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "From one session to the next within patients"
NOTHING = "No session could be set against the next one."
MODEL = (
    "Points of the outcome, by an open rupture after the session before or by a point more of the "
    "other measure. Symptoms are taken before a session, the alliance is rated after it; more "
    "symptoms are worse, more alliance is better. Two levels: mixed models of sessions in "
    "patients, with the outcome of the session before; errors robust to therapists. Panels: "
    "maximum likelihood of the first sessions, whether or not all were rated, without therapists."
)
CENTRING = (
    "Centred on all sessions, estimates are biased in short series (Nickell); nothing is carried "
    "over: without the outcome of the session before. Open ruptures are as coded, and errors of "
    "coding draw their effect towards 0. No estimate is an effect by itself: what changes "
    "both measures is not held constant."
)
BETWEEN = "Between patients"
# Groups of rows of the figure: scope, method, settings.
GROUPS = (
    ("within", "lag_earlier", ("common", "none")),
    ("within", "cross_lagged", ("common", "own", "uncorrelated")),
    ("within", "dynamic_panel", ("common",)),
    ("within", "lag_series", ("common", "own", "no_carry_over")),
    ("between", "lag_series", ("no_carry_over",)),
)
DRAWN = (("symptom", "open"), ("symptom", "alliance_patient"), ("alliance_patient", "symptom"))
# inches; the gap is in rows
LABEL, PANEL, APART, ROW, GAP, HEAD, BELOW = 1.95, 2.1, 0.3, 0.24, 1.3, 0.5, 0.6
SHORT = {
    "lag_earlier": "Two levels, main analysis",
    "lag_series": "Two levels, Nickell bias",
    "cross_lagged": "Cross-lagged panel",
    "dynamic_panel": "Dynamic panel",
}
MARKS = {
    "lag_earlier": Mark(BLUE, "-", "o"),
    "cross_lagged": Mark(BLACK, "-", "D"),
    "dynamic_panel": Mark(BLACK, "-", "^"),
    "lag_series": Mark(GREY, "--", "s"),
}


def pair_name(row: Mapping) -> str:
    """Name an effect: what comes first, and what follows.

    Examples
    --------
    >>> pair_name({"outcome": "symptom", "predictor": "open"})
    'Open rupture → symptoms'
    """
    first, then = (name("within_measure", row[key]) for key in ("predictor", "outcome"))
    return f"{first[:1].upper()}{first[1:]} → {then}"


def digits(row: Mapping) -> int:
    """Give the decimals that an effect is written with: more where a point is a small step."""
    return 2 if row["predictor"] == "open" else 3


def within_table(tables: Tables, look: Look) -> str:
    """Lay out a row an effect, method and setting."""
    effects = tables["within_effects"]
    rows = effects.to_dict("records")
    cells = pd.DataFrame(index=effects.index)
    cells["group"] = [pair_name(row) for row in rows]
    cells["method"] = [
        name("within_method", row["method"]) if row["scope"] == "within" else BETWEEN
        for row in rows
    ]
    cells["setting"] = [name("within_setting", row["setting"]) for row in rows]
    truths = [_truth(row, look) for row in rows]
    cells = cells.join(difference_cells(effects, truths, [digits(row) for row in rows], look))
    return html_table(
        cells,
        "within_effects",
        TITLE,
        f"{coding_name(look.primary)}. In brackets: {look.level} intervals.",
        labels={
            "method": "Method",
            "setting": "Setting",
            **difference_labels(cells),
        },
        group="group",
        notes=[MODEL, CENTRING],
        look=look,
    )


def _truth(row: Mapping, look: Look) -> float:
    """Give what an open rupture adds to symptoms in the simulation; NaN of all else."""
    known = look.settings.get("symptom_truth", {})
    if (row["outcome"], row["predictor"], row["scope"]) != ("symptom", "open", "within"):
        return float("nan")
    return float(known.get("unrepaired vs intact", "nan"))


def draw_within(tables: Tables, look: Look) -> Drawing:
    """Draw a panel an effect, all methods in it."""
    effects = tables["within_effects"]
    return Drawing(within_figure(effects, look), TITLE, alt_text(effects, look))


def _heights() -> list[tuple[float, list[float]]]:
    """Height of each group's name and of its rows."""
    out, y = [], 0.0
    for _, _, settings in GROUPS:
        rows = [y + ROW * (GAP + i) for i in range(len(settings))]
        out.append((y + 0.35 * ROW, rows))
        y = rows[-1] + ROW
    return out


@styled
def within_figure(effects: pd.DataFrame, look: Look) -> "Figure":
    """Draw the figure; `effects` is the published table."""
    if effects.empty:
        return notice(TITLE, NOTHING, look)
    heights = _heights()
    total = heights[-1][1][-1] + ROW
    width = LABEL + PANEL * len(DRAWN) + APART * (len(DRAWN) - 1)
    tall = HEAD + total + BELOW
    fig = new_figure(width, tall)
    for i, (outcome, predictor) in enumerate(DRAWN):
        left = LABEL + i * (PANEL + APART)
        ax = fig.add_axes((left / width, BELOW / tall, PANEL / width, total / tall))
        ax.set_ylim(total, 0)
        own = effects[effects["outcome"].eq(outcome) & effects["predictor"].eq(predictor)]
        _panel(ax, own, heights, look)
        title = pair_name({"outcome": outcome, "predictor": predictor})
        panel_title(ax, title.replace(" →", "\n→"))
        if not i:
            _words(ax, heights)
    _legend(fig, look)
    headline(fig, TITLE, coding_name(look.primary), look)
    footnote(fig, f"{MODEL} {CENTRING} Lines: {look.level} intervals.", look)
    return fig


def _panel(
    ax: "Axes", effects: pd.DataFrame, heights: list[tuple[float, list[float]]], look: Look
) -> None:
    ends = effects[["ci_low", "ci_high"]].to_numpy(float)
    known = abs(ends[np.isfinite(ends)])
    reach = 1.1 * float(known.max(initial=0.0) or 1.0)
    difference_axis(ax, reach, ticks=4)
    ax.xaxis.set_major_formatter(lambda value, _: number(value, 1 if reach > 0.5 else 2))
    for (scope, method, settings), (_, rows) in zip(GROUPS, heights, strict=True):
        for setting, y in zip(settings, rows, strict=True):
            row = _row(effects, scope, method, setting)
            ends_of = (row["ci_low"], row["ci_high"])
            draw_row(ax, y, row["estimate"], ends_of, MARKS[method], size=4.5)
            if np.isnan(row["estimate"]):
                say(ax, y, remark(row, look), PANEL)
            true = _truth(row, look)
            if abs(true) < reach:
                true_beside(ax, y, true, ROW)
    ax.set_xlabel("Difference, points")


def _row(effects: pd.DataFrame, scope: str, method: str, setting: str) -> dict[str, Any]:
    found = effects[
        effects["scope"].eq(scope) & effects["method"].eq(method) & effects["setting"].eq(setting)
    ]
    return dict(found.iloc[0])


def _words(ax: "Axes", heights: list[tuple[float, list[float]]]) -> None:
    place: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center"}
    left = -LABEL / PANEL
    for (scope, method, settings), (top, rows) in zip(GROUPS, heights, strict=True):
        said = SHORT[method] if scope == "within" else BETWEEN
        ax.text(left, top, said, fontweight="bold", fontsize=8, **place)
        for setting, y in zip(settings, rows, strict=True):
            ax.text(left + 0.05, y, name("within_setting", setting), fontsize=8, **place)


def _legend(fig: "Figure", look: Look) -> None:
    from matplotlib.lines import Line2D

    if look.settings.get("symptom_truth"):
        handle = Line2D([], [], **TRUTH, label="Truth of the simulation")
        fig.legend(handles=[handle], loc="lower left", bbox_to_anchor=(0, 0))


def alt_text(effects: pd.DataFrame, look: Look) -> str:
    """Say what the figure shows, with the estimates of the main method."""
    if effects.empty:
        return NOTHING
    main = effects[
        effects["method"].eq("lag_earlier")
        & effects["setting"].eq("common")
        & effects["scope"].eq("within")
    ]
    said = []
    for row in main.to_dict("records"):
        if (row["outcome"], row["predictor"]) in DRAWN:
            value = with_interval(row["estimate"], row["ci_low"], row["ci_high"], digits(row))
            said.append(f"{pair_name(row)}: {value or remark(row, look)}")
    return (
        "A panel for each of three effects from a session to the next, with points and intervals "
        "by method and setting. Two levels, centred on earlier sessions, a common trend taken "
        f"out, points: {'; '.join(said)}."
    )


FEWEST = ("fewest_patients",)

PRODUCT = Product(
    name="within_effects",
    about="What ruptures and the alliance say of symptoms a session later, and the reverse",
    raw={"frame": "models/within_effects.parquet"},
    columns=(
        Column("outcome", label="Outcome"),
        Column("predictor", label="One session before"),
        Column("method", label="Method"),
        Column("setting", label="Setting"),
        Column("scope", label="Scope"),
        Column("definition"),
        Column("repair_rule"),
        Column(
            "estimate", "estimate", label="Difference", unit="points", of=FEWEST,
            ends=("ci_low", "ci_high"), se="se",
        ),
        Column("se", "follows", unit="points"),
        Column("df", "test", label="Degrees of freedom", of=FEWEST),
        Column("ci_low", "follows", unit="points"),
        Column("ci_high", "follows", unit="points"),
        Column("p", "p", label="p", of=FEWEST, se="se"),
        Column("patients", "count", label="Patients"),
        Column("sessions", "count", label="Sessions", of=("patients",)),
        Column("therapists", "count", label="Therapists"),
        Column("times", "number", label="Sessions of a panel"),
        Column("converged", "flag", of=FEWEST),
        Column("reason", "text", label="Note", of=FEWEST),
        Column("fewest_patients", "basis"),
    ),
    settings=("symptom_truth",),
    lay_out=within_table,
    draw=draw_within,
)  # fmt: skip
