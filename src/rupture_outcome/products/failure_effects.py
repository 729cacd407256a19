"""Failure, recovery and deterioration by what became of the rupture."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.effect_rows import FEWEST, HEADLINE, RUPTURE
from rupture_outcome.look.forest import draw_penalised, draw_row, limits, ratio_axis, say
from rupture_outcome.look.formats import count_texts, ratio_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import penalised_estimate, remark, why
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
from rupture_outcome.look.words import analysis_name, coding_name, contrast_name, name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Getting better, by what became of the rupture"
NOTHING = "Nobody's change in symptoms can be judged."
DRAWN = ("failure", "recovery")
BETTER = {"failure": "← better      worse →", "recovery": "← worse      better →"}
MARKS = {"last_rating": Mark(BLUE, "-", "o"), "modelled": Mark(GREY, "--", "s")}
MODEL = (
    "Odds ratios of mixed logit models of patients in therapists. Failure: treatment ended without "
    "a reliable improvement from the first score. Recovery: reliably better, and from the clinical "
    "to the functional range, of those who began in the clinical one."
)
TIME = (
    "Just before the end: the state after the session before the last score; who stays longer has "
    "more time both to be repaired and to get better, so this describes and does not explain, even "
    "at the same number of sessions. From a session on: the state at that session, and those still "
    "in treatment after it, however it went on."
)
ENDS = (
    "Last rating: carried forward. Modelled: where the last session was not rated, what a growth "
    "model expects of the patient there."
)
# inches; the gap is in rows
LABEL, PANEL, BETWEEN, ROW, GAP, HEAD, BELOW = 1.95, 2.15, 0.4, 0.36, 1.1, 0.35, 0.95


def failure_table(tables: Tables, look: Look) -> str:
    """Lay out a row an outcome, end point, method, analysis and comparison."""
    effects = tables["failure_effects"]
    rows = effects.to_dict("records")
    cells = pd.DataFrame(index=effects.index)
    cells["group"] = [_group(row) for row in rows]
    cells["analysis"] = [_when(row, look) for row in rows]
    cells["contrast"] = [contrast_name(row) for row in rows]
    cells["ratio"] = [ratio_interval(row) for row in rows]
    for column in ("patients", "patients_a", "events_a", "patients_b", "events_b", "not_judged"):
        cells[column] = count_texts(effects[column])
    cells["reason"] = [remark(row, look) for row in rows]
    return html_table(
        cells,
        "failure_effects",
        TITLE,
        f"{coding_name(look.primary)}. In brackets: {look.level} intervals.",
        labels={
            "analysis": "State of ruptures",
            "contrast": "Compared",
            "ratio": "Odds ratio",
            "patients": "Patients judged",
            "patients_a": "In the first state",
            "events_a": "of these, outcome",
            "patients_b": "In the second",
            "events_b": "of these, outcome ",
            "not_judged": "Not judged",
            **({"reason": "Note"} if cells["reason"].any() else {}),
        },
        group="group",
        notes=[MODEL, TIME, ENDS, METHODS_NOTE],
        look=look,
    )


METHODS_NOTE = (
    "By Hsu, Linn and Lord's method a patient improves who does so more than patients did on "
    "average; by the others, more than errors of measurement explain."
)


def _group(row: Mapping) -> str:
    end_point = name("end_point", row["end_point"]).lower()
    return f"{name('outcome', row['outcome'])}, {end_point}, {name('method', row['method'])}"


def _when(row: Mapping, look: Look) -> str:
    if row["analysis"] == "landmark":
        return analysis_name("landmark", row["landmark"], look.unit)
    return name("analysis", row["analysis"])


def draw_failure(tables: Tables, look: Look) -> Drawing:
    """Draw a panel an outcome, both end points in it."""
    effects = shown_effects(tables["failure_effects"], look)
    return Drawing(failure_figure(effects, look), TITLE, alt_text(effects, look))


def shown_effects(effects: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Choose what is drawn: two outcomes by the study's method, two comparisons."""
    pairs = [HEADLINE, RUPTURE]
    of_pair = pd.Series(
        list(zip(effects["state_a"], effects["state_b"], strict=True)), effects.index, dtype=object
    ).isin(pairs)
    own = effects["method"].eq(look.settings["failure"]["method"])
    return effects[own & of_pair & effects["outcome"].isin(DRAWN)]


@styled
def failure_figure(effects: pd.DataFrame, look: Look) -> "Figure":
    """Draw the figure; `effects` are those of `shown_effects`."""
    if not effects["patients"].gt(0).any() and not effects["patients"].lt(0).any():
        return notice(TITLE, NOTHING, look)
    times = list(dict.fromkeys(_when(row, look) for row in effects.to_dict("records")))
    places = [(pair, time) for pair in (HEADLINE, RUPTURE) for time in times]
    heights = [ROW * (i + 0.5 + GAP * (i // len(times) + 1)) for i in range(len(places))]
    total = heights[-1] + ROW * 0.5
    width = LABEL + len(DRAWN) * (PANEL + BETWEEN) - BETWEEN
    tall = HEAD + total + BELOW
    fig = new_figure(width, tall)
    for i, outcome in enumerate(DRAWN):
        left = LABEL + i * (PANEL + BETWEEN)
        ax = fig.add_axes((left / width, BELOW / tall, PANEL / width, total / tall))
        ax.set_ylim(total, 0)
        own = effects[effects["outcome"].eq(outcome)]
        _panel(ax, own, dict(zip(places, heights, strict=True)), look)
        ax.set_xlabel(f"Odds ratio (log scale)\n{BETTER[outcome]}")
        panel_title(ax, name("outcome", outcome))
        if not i:
            _words(ax, places, heights, len(times))
    _legend(fig)
    method = name("method", look.settings["failure"]["method"])
    headline(fig, TITLE, f"{coding_name(look.primary)}. Reliable change by {method}.", look)
    hollow = effects["reason"].astype("str").str.contains("penalised").any()
    thin = " Hollow: by penalised likelihood, without therapists, where few." if hollow else ""
    footnote(fig, f"{MODEL} {TIME} {ENDS} Lines: {look.level} intervals.{thin}", look)
    return fig


def _panel(ax: "Axes", effects: pd.DataFrame, heights: Mapping, look: Look) -> None:
    ends = np.exp(effects[["ci_low", "ci_high"]].to_numpy(float))
    ratio_axis(ax, *limits(ends.ravel()))
    for row, (low, high) in zip(effects.to_dict("records"), ends, strict=True):
        y = heights[(row["state_a"], row["state_b"]), _when(row, look)]
        y += ROW * (-0.17 if row["end_point"] == "last_rating" else 0.17)
        mark = MARKS[row["end_point"]]
        found = penalised_estimate(row["reason"])
        draw_row(ax, y, row["ratio"], (low, high), mark)
        draw_penalised(ax, y, found, mark)
        if np.isnan(row["estimate"]) and found is None and row["end_point"] == "last_rating":
            say(ax, y, why(row, look), PANEL)


def _words(ax: "Axes", places: list, heights: list[float], times: int) -> None:
    at = ax.get_yaxis_transform()
    left = -LABEL / PANEL
    for i, ((pair, time), y) in enumerate(zip(places, heights, strict=True)):
        ax.text(left + 0.05, y, time, transform=at, va="center", fontsize=8.5)
        if i % times == 0:
            said = contrast_name({"state_a": pair[0], "state_b": pair[1]})
            bold: dict[str, Any] = {"fontweight": "bold", "fontsize": 8.5, "va": "center"}
            ax.text(left, y - 0.8 * ROW, said[:1].upper() + said[1:], transform=at, **bold)


def _legend(fig: "Figure") -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=m.color, ls=m.line, marker=m.marker, label=name("end_point", code))
        for code, m in MARKS.items()
    ]
    fig.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 0), ncols=2)


def alt_text(effects: pd.DataFrame, look: Look) -> str:
    """Say what the figure shows, with the odds ratios of failure after repair."""
    if not effects["patients"].gt(0).any() and not effects["patients"].lt(0).any():
        return NOTHING
    own = effects[effects["outcome"].eq("failure") & effects["end_point"].eq("last_rating")]
    said = [
        f"{_when(row, look).lower()}: {ratio_interval(row) or why(row, look)}"
        for row in own.to_dict("records")
        if (row["state_a"], row["state_b"]) == HEADLINE
    ]
    return (
        "Two panels, failure and recovery, with odds ratios and intervals by the state of ruptures "
        "just before the end and at landmark sessions, for two end points. Failure after a "
        f"repaired rupture against an open one, last rating: {'; '.join(said)}."
    )


PRODUCT = Product(
    name="failure_effects",
    about="Failure, recovery and deterioration at the end by the state of ruptures before",
    raw={"frame": "models/failure_effects.parquet"},
    columns=(
        Column("outcome", label="Outcome"),
        Column("end_point", label="End point"),
        Column("method", label="Method of reliable change"),
        Column("analysis", label="State of ruptures"),
        Column("landmark", "number", label="Landmark"),
        Column("definition"),
        Column("repair_rule"),
        Column("state_a", label="State"),
        Column("state_b", label="Compared with"),
        Column(
            "estimate", "estimate", label="Log odds ratio", unit="log odds", of=FEWEST,
            ends=("ci_low", "ci_high"), se="se",
        ),
        Column("se", "follows", unit="log odds"),
        Column("ci_low", "follows", unit="log odds"),
        Column("ci_high", "follows", unit="log odds"),
        Column("ratio", "estimate", label="Odds ratio", of=FEWEST, se="se"),
        Column("patients", "count", label="Patients judged"),
        Column("events", "count", label="With the outcome", of=["patients"]),
        Column("patients_a", "count", label="Patients in the state", of=["patients"]),
        Column("events_a", "count", label="Of these, with the outcome", of=["patients_a"]),
        Column("patients_b", "count", label="Patients compared with", of=["patients"]),
        Column("events_b", "count", label="Of these, with the outcome", of=["patients_b"]),
        Column("not_judged", "count", label="Patients not judged"),
        Column("therapists", "count", label="Therapists"),
        Column("converged", "flag", of=FEWEST),
        Column("reason", "text", label="Note", of=FEWEST),
        *(Column(cell, "basis") for cell in FEWEST),
    ),
    settings=("failure",),
    lay_out=failure_table,
    draw=draw_failure,
)  # fmt: skip
