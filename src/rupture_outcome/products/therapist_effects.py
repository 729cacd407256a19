"""Therapists in order of their chances of rupture, repair and dropout: table and figure."""

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column, is_small
from rupture_outcome.engine.reasons import reason
from rupture_outcome.look.forest import TRUTH
from rupture_outcome.look.formats import (
    count_text,
    interval,
    intervals,
    number,
    with_interval,
)
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.reasons import NOT_ESTIMABLE, WITHHELD, reason_text, remark, why
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    footnote,
    headline,
    new_figure,
    styled,
)
from rupture_outcome.look.words import THERAPIST_BENCHMARK, name
from rupture_outcome.products.product import Drawing, Product, Tables
from rupture_outcome.products.therapist_variances import true_sd

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Differences between therapists"
PANELS = {"rupture": "Rupture", "repair": "Repair", "dropout": "Dropout"}
OF_WHAT = {
    "rupture": "Sessions in which one begins",
    "repair": "Sessions in which an open one is repaired",
    "dropout": "Sessions after which the patient drops out",
}
PANEL, BETWEEN, LEFT = 2.75, 0.35, 0.45  # inches
ROW, LOWEST, HIGHEST, ABOVE, BELOW = 0.13, 1.6, 5.2, 0.55, 0.75
NOT_ONE_BY_ONE = reason("not_one_by_one")
SHRUNKEN = (
    "Effects are drawn towards the average of all therapists, the more so the fewer sessions they "
    "rest on; intervals take the other parts of the model as known and are somewhat too narrow. "
    "Chance: of the event in a session, had this therapist held all sessions at risk."
)


def therapists_table(tables: Tables, look: Look) -> str:
    """Lay out single therapists, in the order of each outcome."""
    effects = tables["therapist_effects"]
    rows = effects.to_dict("records")
    cells = pd.DataFrame(index=effects.index)
    cells["group"] = [name("therapist_outcome", row["outcome"]) for row in rows]
    cells["rank"] = [number(row["rank"], 0) for row in rows]
    cells["ratio"] = [number(np.exp(row["estimate"]), 2) for row in rows]
    cells["ratio_interval"] = intervals(effects, ratio=True)
    cells["chance"] = [number(100 * row["chance"]) for row in rows]
    cells["interval"] = [
        interval(100 * row["chance_low"], 100 * row["chance_high"], 1) for row in rows
    ]
    cells["reason"] = [reason_text(row["reason"]) for row in rows]
    level = f"{look.level} interval"
    return html_table(
        cells,
        "therapist_effects",
        "Therapists in order",
        "Ratio: odds (hazard under cloglog) against the average therapist.",
        labels={
            "rank": "Rank",
            "ratio": "Ratio",
            "ratio_interval": level,
            "chance": "Chance in a session, %",
            "interval": level,
            **({"reason": "Note"} if cells["reason"].any() else {}),
        },
        group="group",
        notes=[SHRUNKEN, who_is_shown(look)],
        look=look,
    )


def who_is_shown(look: Look) -> str:
    """Say which therapists are shown one by one.

    Examples
    --------
    >>> who_is_shown(Look())
    'Therapists are not named; their order is that of each outcome.'
    """
    text = "Therapists are not named; their order is that of each outcome."
    few = look.threshold
    if not few:
        return text
    return (
        f"{text} Shown are those with more than {few} patients at risk and with no event or more "
        f"than {few}, and of these the largest multiple of {few}: the order is not that of all."
    )


def draw_therapists(tables: Tables, look: Look) -> Drawing:
    """Draw a panel an outcome: the therapists shown one by one, from the lowest chance up."""
    effects, variances, relation = (
        tables[one] for one in ("therapist_effects", "therapist_variances", "therapist_relation")
    )
    alt = alt_text(effects, variances, relation, look)
    return Drawing(caterpillar(effects, variances, relation, look), TITLE, alt)


@styled
def caterpillar(
    effects: pd.DataFrame, variances: pd.DataFrame, relation: pd.DataFrame, look: Look
) -> "Figure":
    """Draw published effects, variances and relation."""
    most = effects.groupby("outcome")["rank"].count().max() if len(effects) else 0
    height = float(np.clip(ROW * most, LOWEST, HIGHEST))
    width = LEFT + len(PANELS) * PANEL + (len(PANELS) - 1) * BETWEEN
    total = ABOVE + height + BELOW
    fig = new_figure(width, total)
    for i, outcome in enumerate(PANELS):
        left = (LEFT + i * (PANEL + BETWEEN)) / width
        ax = fig.add_axes((left, BELOW / total, PANEL / width, height / total))
        of = variances[variances["outcome"].eq(outcome)].to_dict("records")
        shown = effects[effects["outcome"].eq(outcome)]
        _panel(ax, outcome, shown, of[0] if of else {}, look)
        if i == 0:
            ax.set_ylabel("Therapists, in order")
    fig.legend(
        handles=_legend(effects, look),
        loc="lower left",
        bbox_to_anchor=(0, 0),
        ncols=4,
        borderaxespad=0,
        borderpad=0,
        columnspacing=1.4,
        handlelength=1.8,
    )
    headline(fig, TITLE, relation_sentence(relation, look), look)
    footnote(fig, _note(effects, variances, look), look)
    return fig


def alt_text(
    effects: pd.DataFrame, variances: pd.DataFrame, relation: pd.DataFrame, look: Look
) -> str:
    """Say how much therapists differ in each outcome, and how repair and dropout relate."""
    parts = []
    for row in variances.to_dict("records"):
        if row["outcome"] in PANELS:
            shown = int(effects.loc[effects["outcome"].eq(row["outcome"]), "rank"].count())
            how_many = f", {shown} therapists shown" if shown else ", no therapist shown"
            spread = _spread(row, look).replace("\n", ", ")
            parts.append(f"{name('therapist_outcome', row['outcome'])}: {spread}{how_many}")
    text = f"Therapists in order of their chances, by outcome. {'; '.join(parts)}."
    return f"{text} {relation_sentence(relation, look)}"


def relation_sentence(relation: pd.DataFrame, look: Look) -> str:
    """Answer whether therapists who repair more lose fewer, with the interval, or say why not."""
    joint = relation["method"].eq("joint") & relation["measure"].eq("correlation")
    rows = relation[joint & relation["second"].eq("dropout")].to_dict("records")
    if not rows or pd.isna(rows[0]["estimate"]):
        because = why(rows[0], look) if rows else NOT_ESTIMABLE
        return f"Correlation of repair and dropout between therapists: {because}."
    row = rows[0]
    low, high = row["ci_low"], row["ci_high"]
    if low > 0:
        answer = "therapists who repair more lose more patients"
    elif high < 0:
        answer = "therapists who repair more lose fewer patients"
    else:
        answer = "the data do not say whether therapists who repair more lose fewer patients"
    ends = interval(low, high)
    return (
        f"Correlation of repair and dropout between therapists {number(row['estimate'], 2)} "
        f"[{look.level} interval {ends}], errors of both taken into account: {answer}."
    )


def _panel(ax: "Axes", outcome: str, effects: pd.DataFrame, variance: dict, look: Look) -> None:
    from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

    shown = effects[effects["estimate"].notna()]
    n = len(shown)
    ax.set_title(PANELS[outcome], loc="left", fontweight="bold", pad=30)
    about: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    true = true_sd(variance, look) if variance else np.nan
    if not np.isnan(true):
        said: dict[str, Any] = {"fontsize": 8, "ha": "right", "color": TRUTH["color"]}
        ax.annotate(f"true SD {true:.2f}", (1, 1), (0, 33), **about | said)
    unit = "in log hazards" if variance.get("link") == "cloglog" else "in log odds"
    ax.annotate(_spread(variance, look, unit), (0, 1), (0, 4), fontsize=8, **about)
    if pd.notna(variance.get("chance", np.nan)):
        span = 100 * variance["chance_low"], 100 * variance["chance_high"]
        ax.axvspan(*span, color=FAINT, lw=0, zorder=0)
        ax.axvline(100 * variance["chance"], color=BLACK, lw=0.9, ls=(0, (4, 2)), zorder=1)
        for end in () if np.isnan(true) else true_span(variance["chance"], true):
            ax.axvline(100 * end, **TRUTH)
    size = min(4.0, 55.0 * ax.bbox.height / ax.figure.dpi / max(n, 1))
    for row in shown.to_dict("records"):
        _therapist(ax, row, size)
    if not n:
        ax.text(0.5, 0.5, _why(effects), transform=ax.transAxes, **_REASON)
    ax.set(ylim=(0.3, max(n, 1) + 0.7), xlabel=OF_WHAT[outcome])
    ax.yaxis.set_major_locator(FixedLocator([1, n]) if n else NullLocator())
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_xlim(left=0)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}%")


_REASON: dict[str, Any] = {
    "fontsize": 8,
    "color": GREY,
    "ha": "center",
    "va": "center",
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 2},
    "zorder": 4,
}


def true_span(chance: float, sd: float) -> tuple[float, float]:
    """Give the chances between which 80% of therapists lie, whose log odds have this SD.

    Examples
    --------
    >>> low, high = true_span(0.02, 0.69)
    >>> round(low, 3), round(high, 3)
    (0.008, 0.047)
    """
    from scipy import special  # half of the time that a product takes to be read

    middle, reach = special.logit(chance), sd * special.ndtri(0.9)
    return float(special.expit(middle - reach)), float(special.expit(middle + reach))


def _therapist(ax: "Axes", row: dict, size: float) -> None:
    differs = row["ci_low"] > 0 or row["ci_high"] < 0
    color = BLUE if differs else GREY
    ends = [100 * row["chance_low"], 100 * row["chance_high"]]
    ax.plot(ends, [row["rank"]] * 2, color=color, lw=1.4 if differs else 1.0, zorder=2)
    face = color if differs else "white"
    ax.plot(100 * row["chance"], row["rank"], "o", ms=size, mfc=face, mec=color, zorder=3)


def _spread(row: dict, look: Look, unit: str = "") -> str:
    if pd.isna(row.get("group_sd", np.nan)):
        withheld = bool(row) and remark(row, look, "group_sd") == WITHHELD
        return "withheld: few patients or events" if withheld else "SD not estimable"
    sd = with_interval(row["group_sd"], row["ci_low"], row["ci_high"])
    share = with_interval(row["share"], row["share_low"], row["share_high"], 1, "%", 100)
    return f"{f'SD {unit}'.strip()} {sd}\nshare of variance {share}"


def _why(effects: pd.DataFrame) -> str:
    notes = effects["reason"].dropna().tolist()
    text = reason_text(notes[0]) if notes else "nothing to show"
    return "\n".join(wrap(text, 36))


def _legend(effects: pd.DataFrame, look: Look) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    dot: dict[str, Any] = {"marker": "o", "ms": 4}
    level = look.level
    shown = effects[effects["estimate"].notna()]
    apart = shown["ci_low"].gt(0) | shown["ci_high"].lt(0)
    without = Line2D([], [], color=BLUE, mfc=BLUE, **dot, label=f"{level} interval without average")
    holding = Line2D([], [], color=GREY, mfc="white", **dot, label=f"{level} interval with average")
    return [
        *([without] if apart.any() else []),
        *([holding] if (~apart).any() else []),
        Line2D([], [], color=BLACK, lw=0.9, ls=(0, (4, 2)), label="average therapist"),
        Patch(color=FAINT, lw=0, label="80% of all therapists"),
    ]


def _how_many(effects: pd.DataFrame, variances: pd.DataFrame) -> str:
    """Count the therapists of each panel, and of how many they are."""
    parts = []
    for outcome in PANELS:
        rows = effects[effects["outcome"].eq(outcome) & effects["estimate"].notna()]
        every = variances.loc[variances["outcome"].eq(outcome), "therapists"]
        if len(rows) and len(every):
            parts.append(f"{outcome} {len(rows)} of {count_text(every.iloc[0])}")
    return f" ({', '.join(parts)})" if parts else ""


def _note(effects: pd.DataFrame, variances: pd.DataFrame, look: Look) -> str:
    few = look.threshold
    who = (
        f" with more than {few} patients at risk and no event or more than {few}, in multiples "
        f"of {few}"
        if few
        else ""
    )
    return (
        f"Shown are therapists{who}{_how_many(effects, variances)}, without their names; each "
        "panel has an order of its own. Single intervals are wide, and may all hold the average. "
        "Chances are drawn towards the average of all therapists. Intervals in brackets: profile "
        f"likelihood.{_true_note(variances, look)} {THERAPIST_BENCHMARK}"
    )


def _true_note(variances: pd.DataFrame, look: Look) -> str:
    known = [true_sd(row, look) for row in variances.to_dict("records")]
    if np.isnan(known).all():
        return ""
    return (
        " Green lines: 80% of therapists around the average one, had they the true SD, "
        "that of true ruptures and repairs (coded ones are partly wrong, and therapists more alike "
        "in them)."
    )


def shown_one_by_one(look: Look, frame: pd.DataFrame, **drawn_beside: pd.DataFrame) -> pd.DataFrame:
    """Choose the therapists who may be shown, and rank them anew in each outcome.

    A shrunken effect and its interval give the number of a therapist's events away: with the SD σ
    between therapists, events ≈ effect/σ² + 1/se² − 1/σ². So a therapist with few patients, few
    events or few sessions without one is left out. How many therapists are shown is a count too,
    and is lowered to a multiple of the threshold, those with most patients being kept.

    Parameters
    ----------
    look : Look
        For the threshold.
    frame : DataFrame
        From `rupture_outcome.estimates.therapists.therapist_effects.therapist_effects`.
    **drawn_beside : DataFrame
        Tables that the figure shows too; not used.

    Returns
    -------
    DataFrame
        With ``without``, the sessions without an event; one row without an estimate, and with
        the reason, for an outcome that shows nobody.
    """
    counted = frame.assign(without=frame["sessions"] - frame["events"])
    parts = [_shown(rows, look.threshold) for _, rows in counted.groupby("outcome", sort=False)]
    return pd.concat(parts, ignore_index=True) if parts else counted


def _shown(rows: pd.DataFrame, threshold: int) -> pd.DataFrame:
    named = rows[rows["therapist_id"].notna()]
    few = named["patients"].le(threshold)
    for cell in ("events", "without"):
        few |= is_small(named[cell], threshold)
    most = named[~few].sort_values("patients", ascending=False, kind="stable")
    size = len(most) // threshold * threshold if threshold else len(most)
    kept = most.head(size).sort_values("estimate", kind="stable")
    return kept.assign(rank=np.arange(1, size + 1)) if size else _nobody(rows)


def _nobody(rows: pd.DataFrame) -> pd.DataFrame:
    first = rows.iloc[[0]]
    note = NOT_ONE_BY_ONE if pd.notna(first["therapist_id"].iloc[0]) else first["reason"].iloc[0]
    blank = first[["outcome"]].reindex(columns=rows.columns)
    return blank.assign(reason=note)


BASIS = ("patients", "events", "without")

PRODUCT = Product(
    name="therapist_effects",
    about="Therapists in order of their chances of rupture, repair and dropout, without names",
    raw={"frame": "models/therapist_effects.parquet"},
    make=shown_one_by_one,
    columns=(
        Column("outcome", label="Outcome"),
        Column("rank", "number", label="Rank"),
        Column("estimate", "estimate", label="Effect", of=BASIS, ends=["ci_low", "ci_high"]),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column(
            "chance", "estimate", label="Chance in a session", of=BASIS,
            ends=["chance_low", "chance_high"],
        ),
        Column("chance_low", "follows"),
        Column("chance_high", "follows"),
        *(Column(cell, "basis") for cell in BASIS),
        Column("reason", "text", label="Note"),
    ),
    settings=("true_values",),
    reads=("therapist_variances", "therapist_relation"),
    lay_out=therapists_table,
    draw=draw_therapists,
)  # fmt: skip
