"""The effect of repair under every analysis, definition and repair rule, in order of size."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.estimates.effect_rows import EVER, HEADLINE, compares
from rupture_outcome.look.forest import limits, true_across, upright_ratio_axis
from rupture_outcome.look.formats import ratio_interval
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import penalised_estimates
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    FAINT,
    GREY,
    LIGHT,
    footnote,
    headline,
    new_figure,
    styled,
)
from rupture_outcome.look.words import NAIVE_WARNING, analysis_name, name
from rupture_outcome.products.dropout_effects import PENALISED, ratio_of
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "The effect of repair under every choice"
NOTHING = "No choice of analysis, definition and repair rule gives an effect that could be shown."
CHOICES = {"analysis": "Analysis", "definition": "Rupture", "repair_rule": "Repair"}
ORDER = ("hazard", "cox", "landmark", "naive")
NAMES, WIDTH, CURVE, ROW, GAP, BELOW = 3.2, 10.0, 3.0, 0.19, 0.16, 0.12  # inches


def draw_specifications(tables: Tables, look: Look) -> Drawing:
    """Draw all ratios in order of size, and below what was chosen for each."""
    effects = tables["dropout_effects"]
    shown, every = specifications(effects, look)
    if shown.empty:
        return Drawing(notice(TITLE, NOTHING, look), TITLE, NOTHING)
    figure = specification_figure(shown, every, look)
    return Drawing(figure, TITLE, alt_text(shown, every))


def specifications(effects: pd.DataFrame, look: Look) -> tuple[pd.DataFrame, int]:
    """Give repaired against open under every choice that gives a ratio, the smallest first.

    Parameters
    ----------
    effects : DataFrame
        As published.
    look : Look
        For the main choice.

    Returns
    -------
    shown : DataFrame
        With ``at`` (the place on the axis), ``value``, ``low`` and ``high`` (ratios), whether it
        is ``main``, the ``penalised`` estimate, and ``analysis`` in words.
    every : int
        How many choices there are, those without a ratio included.
    """
    rows = effects[compares(effects, HEADLINE) | compares(effects, EVER)].copy()
    rows["penalised"] = penalised_estimates(rows["reason"])
    rows["main"] = rows["analysis"].eq("hazard")
    for column, code in look.primary.items():
        rows["main"] &= rows[column].eq(code)
    known = rows["ratio"].notna()
    beside = [found[0] if found else np.nan for found in rows["penalised"]]
    rows["value"] = rows["ratio"].where(known, beside)
    rows["low"], rows["high"] = (np.exp(rows[end].astype(float)) for end in ("ci_low", "ci_high"))
    rank = rows["analysis"].map(ORDER.index)
    rows["code"] = rows["analysis"].astype(str)
    rows["analysis"] = [
        analysis_name(row["analysis"], row["landmark"], look.unit)
        for row in rows.to_dict("records")
    ]
    rows = rows.assign(_rank=rank, _landmark=rows["landmark"].fillna(0))
    order = ["value", "_rank", "_landmark", "definition", "repair_rule"]
    shown = rows[rows["value"].notna()].sort_values(order, kind="stable", ignore_index=True)
    return shown.assign(at=np.arange(len(shown))), len(rows)


@styled
def specification_figure(shown: pd.DataFrame, every: int, look: Look) -> "Figure":
    """Draw the curve and the choices; `shown` and `every` come from `specifications`."""
    blocks = {column: _levels(shown, column) for column in CHOICES}
    depth = sum(ROW * len(levels) + GAP for levels in blocks.values())
    height = CURVE + GAP + depth + BELOW
    fig = new_figure(WIDTH, height)
    wide = (WIDTH - NAMES) / WIDTH
    curve = fig.add_axes((NAMES / WIDTH, 1 - CURVE / height, wide, CURVE / height))
    panel = fig.add_axes((NAMES / WIDTH, BELOW / height, wide, depth / height))
    _curve(curve, shown, look)
    _choices(panel, shown, blocks, depth)
    for ax in (curve, panel):
        ax.set_xlim(-1, len(shown))
        for at in shown.loc[shown["main"], "at"]:
            ax.axvline(at, color=LIGHT, lw=3, zorder=0)
    headline(fig, TITLE, _subtitle(shown, every), look)
    footnote(fig, _note(shown, look), look)
    return fig


def alt_text(shown: pd.DataFrame, every: int) -> str:
    """Say how far the ratios reach, and where the main one stands."""
    rest = shown[shown["code"].ne("naive") & shown["ratio"].notna()]
    ends = f"{rest['ratio'].min():.2f} to {rest['ratio'].max():.2f}" if len(rest) else "none"
    where = "".join(
        f" The main one, {ratio_interval(row)}, is number {row['at'] + 1}."
        for row in shown[shown["main"]].to_dict("records")
    )
    return (
        f"Ratios of repaired against open rupture under {every} choices of analysis, definition "
        f"and repair rule, {len(shown)} of them drawn in order of size; without the naive ones "
        f"from {ends}.{where}"
    )


def _levels(shown: pd.DataFrame, column: str) -> list[str]:
    """Levels of a choice: analyses in their order, codings as they come, the main one first."""
    if column == "analysis":
        return list(shown.sort_values(["_rank", "_landmark"], kind="stable")[column].unique())
    main = list(shown.loc[shown["main"], column].unique())
    return [*main, *(one for one in sorted(shown[column].unique()) if one not in main)]


def _curve(ax: "Axes", shown: pd.DataFrame, look: Look) -> None:
    upright_ratio_axis(ax, *limits(shown[["low", "high"]].to_numpy(float).ravel(), (0.08, 15.0)))
    low, high = ax.get_ylim()
    for row in shown.to_dict("records"):
        naive, main = row["code"] == "naive", row["main"]
        color = GREY if naive else BLACK if main else BLUE
        ends = np.clip([row["low"], row["high"]], low, high)
        ax.plot([row["at"]] * 2, ends, color=color, lw=1.6 if main else 0.8, alpha=0.9)
        if pd.notna(row["ratio"]):
            mark: dict[str, Any] = {"marker": "D" if main or naive else "o", "mec": color}
            mark |= {"ms": 6 if main else 3.5, "mfc": "white" if naive else color}
            ax.plot(row["at"], row["ratio"], zorder=4, ls="", **mark)
        if row["penalised"] is not None:
            value, *of_it = row["penalised"]
            if pd.isna(row["ratio"]):
                span = np.clip(of_it, low, high)
                ax.plot([row["at"]] * 2, span, color=color, lw=0.6, ls=(0, (2, 1.5)))
            if low < value < high:
                hollow: dict[str, Any] = {"mfc": "white", "mec": color, "mew": 0.8, "ms": 3.5}
                ax.plot(row["at"], value, marker="o", ls="", zorder=5, **hollow)
    true_across(ax, look.true_ratio(HEADLINE))
    ax.set_ylabel(f"{ratio_of(shown)}, repaired against open")
    ax.tick_params(bottom=False, labelbottom=False)
    ax.spines["bottom"].set_visible(False)


def _choices(ax: "Axes", shown: pd.DataFrame, blocks: dict[str, list[str]], depth: float) -> None:
    ax.set(ylim=(depth, 0))
    ax.set_axis_off()
    at, top = ax.get_yaxis_transform(), 0.0
    left = -NAMES / (WIDTH - NAMES)
    for column, levels in blocks.items():
        text: dict[str, Any] = {"transform": at, "va": "center", "fontsize": 8.5}
        ax.text(left, top + ROW / 2, CHOICES[column], fontweight="bold", **text)
        for i, level in enumerate(levels):
            y = top + ROW * (i + 0.5)
            label = level if column == "analysis" else name(column, level)
            short = label if len(label) < 44 else f"{label[:42]}…"
            ax.text(-0.012, y, short, ha="right", **text | {"fontsize": 8})
            ax.plot([0, 1], [y, y], transform=at, color=FAINT, lw=1, zorder=0)
            own = shown[shown[column].eq(level)]
            colors = np.where(own["main"], BLACK, np.where(own["code"].eq("naive"), GREY, BLUE))
            ax.scatter(own["at"], [y] * len(own), marker="|", s=28, c=list(colors), lw=1.6)
        top += ROW * len(levels) + GAP


def _subtitle(shown: pd.DataFrame, every: int) -> str:
    alone = int((shown["ratio"].isna()).sum())
    missing = every - len(shown)
    parts = [f"{every} combinations of analysis, definition of rupture and rule of repair"]
    if alone:
        parts.append(f"{alone} have a penalised estimate only")
    if missing:
        parts.append(f"{missing} have none or are withheld")
    return f"{'; '.join(parts)}. Below 1: less dropout after repair."


def _note(shown: pd.DataFrame, look: Look) -> str:
    parts = [
        f"Lines: {look.level} intervals, cut at the edge. Black on a grey bar: the main analysis, "
        "named in the config before any result was read. Below, what each one is. They share "
        "patients and dropouts: that many agree is no independent confirmation.",
        PENALISED if shown["penalised"].notna().any() else "",
        look.truth,
        f"Hollow diamonds: {NAIVE_WARNING[0].lower()}{NAIVE_WARNING[1:]}"
        if shown["code"].eq("naive").any()
        else "",
    ]
    return " ".join(filter(None, parts))


PRODUCT = Product(
    name="specification_curve",
    about="The effect of repair under every analysis, definition and repair rule, in order of size",
    reads=("dropout_effects",),
    settings=("truth",),
    draw=draw_specifications,
)
