"""The lower panels of the sensitivity figure: untested sessions, and errors of coding."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.estimates.effect_rows import HEADLINE, compares
from rupture_outcome.look.look import Look
from rupture_outcome.look.style import BLACK, BLUE, GREY, LIGHT, VERMILLION, panel_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEVELS = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 3, 5])
TICKS = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5]
LINES = (
    ("", "all untested sessions", BLUE, "-", "o"),
    ("_before_dropout", "only those before dropout", VERMILLION, "--", "s"),
)
SMALL: dict[str, Any] = {"fontsize": 8, "color": "#333333"}
WHITE: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1}


def draw_shares(ax: "Axes", effects: pd.DataFrame, ratio: str) -> None:
    """Draw the ratio as more of the untested sessions were repaired (left) or open (right)."""
    from matplotlib.ticker import FixedLocator, NullLocator

    rows = effects[compares(effects, HEADLINE)]
    panel_title(ax, "If untested sessions were not what was carried on")
    drawn = [_line(ax, rows, *line) for line in LINES]
    ax.axhline(1, color=BLACK, lw=0.8, zorder=0)
    ax.axvline(0, color=LIGHT, lw=0.8, zorder=0)
    ax.set(xlim=(-1.03, 1.03), yscale="log", ylabel=f"{ratio}, repaired against open")
    ax.yaxis.set_major_locator(FixedLocator(TICKS))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.xaxis.set_major_locator(FixedLocator([-1, -0.5, 0, 0.5, 1]))
    ax.xaxis.set_major_formatter(lambda value, _: f"{abs(value):.0%}")
    ax.set_xlabel("← of open ruptures: repaired         of the others: open →")
    if any(drawn):
        ax.legend(loc="best", handlelength=2.8, borderaxespad=0.2)
    else:
        ax.text(0.5, 0.5, "not estimable", transform=ax.transAxes, ha="center", color=GREY)


def _line(
    ax: "Axes", rows: pd.DataFrame, kind: str, label: str, color: Any, line: Any, marker: str
) -> bool:
    parts = []
    for series, sign in (("share_repaired", -1.0), ("share_open", 1.0)):
        part = rows[rows["setting"].eq(f"{series}{kind}")]
        parts.append(part.assign(x=sign * part["value"].astype(float)))
    whole = pd.concat(parts).sort_values("x", kind="stable").drop_duplicates("x")
    known = whole[whole["ratio"].notna()]
    if known.empty:
        return False
    x, low, high = known["x"], np.exp(known["ci_low"]), np.exp(known["ci_high"])
    if kind:
        for limit in (low, high):
            ax.plot(x, limit, color=color, ls=line, lw=0.8)
    else:
        ax.fill_between(x, low, high, color=color, alpha=0.15, lw=0)
    ax.plot(x, known["ratio"], color=color, ls=line, marker=marker, ms=4, label=label)
    for series, sign in (("share_repaired", -1.0), ("share_open", 1.0)):
        _tip(ax, rows[rows["setting"].eq(f"tipping_{series}{kind}")], sign, color, bool(kind))
    return True


def _tip(ax: "Axes", rows: pd.DataFrame, sign: float, color: Any, below: bool) -> None:
    for share in rows["value"].dropna():
        ax.plot(sign * share, 1.0, marker="D", ms=6, color=color, mec="white", mew=0.7, zorder=5)
        offset = (sign * 5 - 3, -13 if below else 6)
        place: dict[str, Any] = {"textcoords": "offset points", "xytext": offset}
        align = "right" if sign < 0 else "left"
        ax.annotate(f"{share:.0%}", (sign * share, 1.0), ha=align, fontsize=8, color=color, **place)


def draw_errors(ax: "Axes", effects: pd.DataFrame, look: Look) -> None:
    """Draw contours of the corrected ratio over specificity and sensitivity."""
    from matplotlib.ticker import FixedLocator, PercentFormatter

    panel_title(ax, "Ratio corrected for errors of coding")
    rows = effects[effects["setting"].eq("grid")]
    ax.set(xlabel="Specificity: others coded repaired", ylabel="Sensitivity: open coded open")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axis.set_major_locator(FixedLocator([0.5, 0.6, 0.7, 0.8, 0.9, 1.0]))
    ax.set(xlim=(0.5, 1.02), ylim=(0.5, 1.06))
    if rows.empty or rows["ratio"].isna().all():
        ax.text(0.5, 0.5, _reason(rows, look), transform=ax.transAxes, ha="center", color=GREY)
        return
    _contours(ax, rows.sort_values(["sensitivity", "specificity"]))
    _marks(ax, effects)


def _contours(ax: "Axes", rows: pd.DataFrame) -> None:
    y, x = (np.unique(rows[side]) for side in ("sensitivity", "specificity"))
    z = np.ma.masked_invalid(rows["estimate"].to_numpy(float).reshape(len(y), len(x)))
    ax.fill_between([0.5, 1.0], 0.5, 1.0, facecolor="#f2f2f2", edgecolor=LIGHT, hatch="//", lw=0)
    ax.contourf(x, y, z, levels=[z.min() - 1, z.max() + 1], colors=["white"])
    inside = LEVELS[(np.log(LEVELS) > z.min()) & (np.log(LEVELS) < z.max())]
    if len(inside):
        lines = ax.contour(x, y, z, levels=np.log(inside), colors=[BLUE], linestyles="solid")
        texts = {level: f"{value:g}" for level, value in zip(lines.levels, inside, strict=True)}
        ax.clabel(lines, fmt=texts, fontsize=8, inline_spacing=3)
    none = rows[rows["estimate"].isna()]
    if len(none):
        place = none["specificity"].mean(), none["sensitivity"].mean()
        ax.text(*place, "impossible", ha="center", va="center", bbox=WHITE, **SMALL)


def _marks(ax: "Axes", effects: pd.DataFrame) -> None:
    spot: dict[str, Any] = {"ls": "", "color": BLACK, "clip_on": False, "zorder": 6}
    near: dict[str, Any] = {"textcoords": "offset points", "zorder": 7, **SMALL}
    exact = effects["sensitivity"].eq(1.0) & effects["specificity"].eq(1.0)
    for ratio in effects.loc[exact & effects["setting"].eq("grid"), "ratio"].dropna():
        ax.plot(1.0, 1.0, marker="o", ms=6, **spot)
        ax.annotate(f"as coded: {ratio:.2f}", (1.0, 1.0), xytext=(3, 7), ha="right", **near)
    own = effects[effects["setting"].eq("own") & effects["ratio"].notna()]
    for row in own.to_dict("records"):
        x, y = row["specificity"], row["sensitivity"]
        ax.plot(x, y, marker="*", ms=10, **spot)
        text = f"main definition: {row['ratio']:.2f}"
        ax.annotate(text, (x, y), xytext=(8, 4), bbox=WHITE, **near)


def _reason(rows: pd.DataFrame, look: Look) -> str:
    told = rows["reason"].fillna("").ne("").any()
    return "not estimable" if told or not look.threshold or rows.empty else "withheld"
