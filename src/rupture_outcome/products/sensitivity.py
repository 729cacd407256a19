"""How far the effect of repair could move: table and figure of the sensitivity analyses."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.effect_rows import HEADLINE, RUPTURE, compares
from rupture_outcome.estimates.sensitivity.e_value import e_values
from rupture_outcome.estimates.sensitivity.misclassification import OWN, VALIDATED
from rupture_outcome.look.forest import draw_row, limits, ratio_axis, say, true_line
from rupture_outcome.look.formats import (
    count_text,
    count_texts,
    intervals,
    number,
    percent,
    ratio_interval,
)
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import reason_text, remark, why
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    SKY,
    Mark,
    footnote,
    headline,
    new_figure,
    panel_title,
    styled,
)
from rupture_outcome.look.words import contrast_name, name, ratio_name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "How far the effect of repair could move"
NOTHING = "The main specification gives no effect on dropout that could be looked at further."
FOREST = (
    ("missing_ratings", "carried", "Main analysis"),
    ("marginal_structural", "unweighted", "No therapist effect"),
    ("marginal_structural", "weighted", "… weighted by symptoms"),
    ("marginal_structural", "weighted_truncated", "… with weights truncated"),
    ("other_endings", "weighted_truncated", "… weighted for other endings"),
    ("missing_ratings", "left_out", "Untested sessions left out"),
    ("missing_ratings", "open", "… all taken as open ruptures"),
    ("missing_ratings", "repaired_if_open", "… open ruptures taken as repaired"),
    ("misclassification", OWN, "Corrected for errors of coding"),
    ("misclassification", VALIDATED, "Corrected as a validation study says"),
    ("hidden_states", "all_reports", "States told from all reports"),
)
MARKS: Mapping[str, Mark] = {
    "carried": Mark(BLACK, "-", "D"),
    "marginal_structural": Mark(BLUE, "-", "o"),
    "other_endings": Mark(BLUE, "-", "o"),
    "missing_ratings": Mark(SKY, "-", "s"),
    "misclassification": Mark(BLACK, "--", "*"),
    "hidden_states": Mark(BLACK, "--", "^"),
}
# inches
WIDTH, LABELS, PLOT, TEXT, ROW = 10.0, 2.35, 2.3, 1.45, 0.26
TOP, BOTTOM = 0.3, 0.5
COUNTS = ["patients", "sessions", "events"]
SHOWN_ACCURACY = (0.7, 0.8, 0.9, 1.0)
EMPTY = "The main specification gives no effect that could be looked at further."
NOTES = [
    "E-value: how strongly, as a risk ratio, a confounder that was not measured would have to be "
    "tied both to the state and to dropout to explain the ratio away; limit: to move the interval "
    "to 1. Over treatment dropout is more common, and the ratio is converted to one of risks.",
    "Weighted: a pooled hazard in which patients count by how likely their course of ruptures and "
    "repairs was, given symptoms before each session. Alliance is not adjusted for: it is part of "
    "the rupture and of its repair.",
    "Other endings: sessions count by how likely the patient was, given symptoms, not to have "
    "ended treatment before by agreement or otherwise.",
    "Untested sessions: the definition could not be tested, and the main analysis carries the "
    "state of the session before on. The table gives the end of each series and the share from "
    "which the interval begins or ceases to include 1; the CSV file has every share.",
    "Coded wrongly: among sessions with a rupture so far, open ruptures coded open (sensitivity) "
    "and others coded repaired (specificity), the same before dropout as elsewhere. Hazards by the "
    "true state, adjusted as the main one is, without therapists' intercept; at 100% and 100% the "
    "one by the coded state. What the definition achieves holds what that leaves open in the "
    "interval; the other rows take it as known.",
    "States told from all reports: nobody sees the state; patient, therapist, observers and "
    "changes of the alliance report it with errors, whose rates are estimated too. Dropout after "
    "a session rests on reports up to that session. No effect of therapists.",
]


def sensitivity_table(tables: Tables, look: Look) -> str:
    """Lay out one section an analysis."""
    effects = tables["sensitivity"]
    rows = _ordered(effects[_shown(effects)])
    cells = pd.DataFrame({"group": [_group(row) for row in rows.to_dict("records")]})
    cells["setting"] = [setting_name(row) for row in rows.to_dict("records")]
    cells["ratio"] = [number(ratio, 2) for ratio in rows["ratio"]]
    cells["interval"] = intervals(rows, ratio=True)
    for column in ("e_value", "e_value_limit"):
        cells[column] = [number(value, 2) for value in rows[column]]
    for column in COUNTS:
        cells[column] = count_texts(rows[column])
    cells["reason"] = [_told(row, look) for row in rows.to_dict("records")]
    return html_table(
        cells,
        "sensitivity",
        "How far the effect of repair could move",
        "Main definition of rupture and repair. Below 1: less dropout in the state named first."
        if len(rows)
        else EMPTY,
        labels={
            "setting": "Supposition",
            "ratio": _ratio_name(look),
            "interval": f"{look.level} interval",
            "e_value": "E-value",
            "e_value_limit": "E-value of the limit",
            "patients": "Patients",
            "sessions": "Sessions",
            "events": "Dropouts",
            "reason": "Note",
        },
        group="group",
        notes=[_how_common(effects), *NOTES],
        look=look,
    )


def _told(row: dict, look: Look) -> str:
    """Give the remark of a row; one of a tipping point is no reason for its missing estimate."""
    return reason_text(row["reason"]) if row["converged"] else remark(row, look)


def setting_name(row: dict) -> str:
    """Name a supposition with its number.

    Examples
    --------
    >>> setting_name({"setting": "grid", "sensitivity": 0.9, "specificity": 1.0})
    'Sensitivity 90%, specificity 100%'
    """
    setting = str(row["setting"])
    if setting in ("grid", OWN, VALIDATED):
        errors = (
            f"ensitivity {_share(row['sensitivity'])}, specificity {_share(row['specificity'])}"
        )
        return f"S{errors}" if setting == "grid" else f"{name('sensitivity', setting)}: s{errors}"
    base = name("sensitivity", setting.removeprefix("tipping_"))
    if pd.isna(row.get("value")):
        tips = setting.startswith("tipping_") and reason_text(row.get("reason")).startswith("none")
        return f"{base}: no share tips" if tips else base
    return f"{base}: {_share(row['value'])}"


def _ordered(effects: pd.DataFrame) -> pd.DataFrame:
    """Put the contrasts of an analysis one after the other; analyses stay where they are."""
    block = effects.groupby("analysis", sort=False).ngroup()
    contrast = effects.groupby(["state_a", "state_b"], sort=False).ngroup()
    order = effects.assign(_block=block, _contrast=contrast)
    order = order.sort_values(["_block", "_contrast"], kind="stable", ignore_index=True)
    return order.drop(columns=["_block", "_contrast"])


def _group(row: dict) -> str:
    return f"{name('sensitivity', row['analysis'])} – {contrast_name(row)}"


def _how_common(effects: pd.DataFrame) -> str:
    """Say how common dropout is per session and over treatment, where its numbers are shown."""
    known = effects[effects["analysis"].eq("e_value")][COUNTS].astype("Float64")
    if known.empty or not known.iloc[0].gt(0).all():
        return ""
    patients, sessions, events = known.iloc[0]
    return (
        f"Dropout follows {percent(events / sessions)} of the sessions at risk and ends "
        f"{percent(events / patients, 0)} of the treatments; below 15% counts as rare."
    )


def _share(value: float) -> str:
    return f"{100 * value:.0f}%"


def _shown(effects: pd.DataFrame) -> np.ndarray:
    """Rows of the page: ends and tipping points of series, some cells of the grid, all else."""
    setting, value = effects["setting"].astype(str), effects["value"].astype(float)
    series = setting.str.startswith("share_")
    redundant = setting.isin(["share_open", "share_repaired"]) | value.ne(1.0)
    accuracy = [effects[side].astype(float).isin(SHOWN_ACCURACY) for side in _ACCURACY]
    outside = setting.eq("grid") & ~(accuracy[0] & accuracy[1])
    kept: np.ndarray = (~(series & redundant) & ~outside).to_numpy(bool)
    return kept


_ACCURACY = ("sensitivity", "specificity")


def draw_sensitivity(tables: Tables, look: Look) -> Drawing:
    """Draw a forest of both contrasts: the main analysis, and what was done otherwise."""
    effects = tables["sensitivity"]
    alt = alt_text(effects, look)
    if alt == NOTHING:
        return Drawing(notice(TITLE, NOTHING, look), TITLE, alt)
    return Drawing(sensitivity_figure(effects, look), TITLE, alt)


@styled
def sensitivity_figure(effects: pd.DataFrame, look: Look) -> "Figure":
    """Draw published effects."""
    ratio = _ratio_name(look)
    lines = _lines(effects)
    rows = ROW * len(lines)
    fig = new_figure(WIDTH, TOP + rows + BOTTOM)
    for pair, left, title in (
        (HEADLINE, LABELS, "Repaired against open"),
        (RUPTURE, LABELS + PLOT + TEXT + 0.1, "Open against none so far"),
    ):
        ax = _axes(fig, left, BOTTOM, PLOT, rows)
        ax.set_ylim(len(lines), 0)
        shown = _forest_rows(effects[compares(effects, pair)], lines)
        _forest(ax, shown, ratio, look, pair, labels=left == LABELS)
        panel_title(ax, title)
    headline(fig, TITLE, _subtitle(effects), look)
    footnote(fig, _note(look), look)
    return fig


def alt_text(effects: pd.DataFrame, look: Look) -> str:
    """Say what the ratio of repaired against open is under each supposition."""
    main = effects[compares(effects, HEADLINE)]
    if main["ratio"].isna().all():
        return NOTHING
    parts = [
        f"{label.removeprefix('… ')}: {ratio_interval(row) or why(row, look)}"
        for label, row in _forest_rows(main, _lines(main))
    ]
    texts = [
        "How far the effect of repair could move. Repaired against open rupture, "
        f"{_ratio_name(look).lower()}: {'; '.join(parts)}.",
        *_tipping_texts(main),
    ]
    own = main[main["setting"].isin([OWN, VALIDATED]) & main["ratio"].notna()]
    texts += [
        f"Corrected for errors of coding, {name('sensitivity', row['setting']).lower()}: "
        f"{ratio_interval(row)}."
        for row in own.to_dict("records")
    ]
    return " ".join(texts)


def _axes(fig: "Figure", left: float, bottom: float, width: float, height: float) -> "Axes":
    total_width, total = fig.get_size_inches()
    place = (left / total_width, bottom / total, width / total_width, height / total)
    return fig.add_axes(place)


def _lines(effects: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Lines of the forest that a study has, the same in both panels."""
    there = set(zip(effects["analysis"], effects["setting"], strict=True))
    return [line for line in FOREST if line[:2] in there]


def _forest_rows(
    effects: pd.DataFrame, lines: list[tuple[str, str, str]]
) -> list[tuple[str, dict]]:
    """Rows of the forest by what they are called, each with its line."""
    rows = {(r["analysis"], r["setting"]): r for r in effects.to_dict("records")}
    found = [
        (label, rows.get((analysis, setting)), line)
        for line, (analysis, setting, label) in enumerate(lines)
    ]
    return [(label, {**row, "line": line}) for label, row, line in found if row is not None]


def _forest(
    ax: "Axes",
    rows: list[tuple[str, dict]],
    ratio: str,
    look: Look,
    pair: tuple[str, str],
    *,
    labels: bool,
) -> None:
    ends = np.exp(np.array([[row["ci_low"], row["ci_high"]] for _, row in rows], dtype=float))
    ratio_axis(ax, *limits(ends.ravel()), f"{ratio} (log scale)")
    true_line(ax, look.true_ratio(pair))
    at = ax.get_yaxis_transform()
    for label, row in rows:
        y, weight = row["line"] + 0.5, "normal" if row["line"] else "bold"
        if labels:
            text: dict[str, Any] = {"va": "center", "fontsize": 8.5, "fontweight": weight}
            ax.text(-LABELS / PLOT, y, label, transform=at, **text)
        if pd.isna(row["estimate"]):
            say(ax, y, why(row, look), PLOT + TEXT - 0.4, 0.02)
            continue
        mark = MARKS.get(row["setting"], MARKS[row["analysis"]])
        draw_row(ax, y, row["ratio"], (np.exp(row["ci_low"]), np.exp(row["ci_high"])), mark)
        ax.text(1.04, y, ratio_interval(row), transform=at, va="center", fontsize=8.5)


def _ratio_name(look: Look) -> str:
    return ratio_name(look.settings["models"]["link"])


def _tipping_texts(effects: pd.DataFrame) -> list[str]:
    rows = effects[effects["setting"].astype(str).str.startswith("tipping_")]
    return [
        f"{name('sensitivity', row['setting'].removeprefix('tipping_'))}: "
        f"{reason_text(row['reason'])} ({100 * row['value']:.0f}%)."
        for row in rows[rows["value"].notna()].to_dict("records")
    ]


def _subtitle(effects: pd.DataFrame) -> str:
    rows = effects[effects["analysis"].eq("e_value")]
    main = rows[compares(rows, HEADLINE) & rows["e_value"].notna()]
    if main.empty:
        return "Main definition of rupture and of repair."
    row = main.sort_values("e_value", kind="stable").iloc[0]
    return (
        f"n = {count_text(row['patients'])} patients. Main definition of rupture and of repair. "
        f"E-value of repaired against open, the smaller of two: {row['e_value']:.2f} (of the "
        f"limit of its interval: {row['e_value_limit']:.2f})."
    )


def _note(look: Look) -> str:
    return (
        f"Lines: {look.level} intervals. Untested: the definition could not be tested in the "
        "session; the main analysis carries the state before on. Corrected: with the accuracy of "
        "the definition, where the truth is known. "
        f"{look.truth}"
    ).strip()


def with_tipping(look: Look, frame: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Join the analyses, and add what a tipping point rests on: other values rest on nothing.

    Parameters
    ----------
    look : Look
    frame, hidden : DataFrame
        Sensitivity analyses, and the effects with states told from all reports.
    """
    frame = pd.concat([frame, hidden.astype(frame.dtypes.to_dict())], ignore_index=True)
    tipping = frame["setting"].astype(str).str.startswith("tipping_")
    return frame.assign(least_tipping=frame["least_cell"].where(tipping, 0.0))


BASIS = ("patients", "events", "least_cell")


def with_e_values(effects: pd.DataFrame) -> pd.DataFrame:
    """Work out E-values from ratios and intervals as they are shown."""
    out = effects.copy()
    for place in out.index[out["e_value"].notna()]:
        row = out.loc[place]
        found = e_values(row["reason"], row["estimate"], row["ci_low"], row["ci_high"])
        out.loc[place, ["e_value", "e_value_limit"]] = found
    return out


PRODUCT = Product(
    name="sensitivity",
    about="Effects of repair on dropout under other suppositions about bias",
    raw={"frame": "models/sensitivity.parquet", "hidden": "models/hidden_states.parquet"},
    make=with_tipping,
    after=with_e_values,
    columns=(
        Column("analysis", label="Analysis"),
        Column("setting", label="Supposition"),
        Column("value", "estimate", label="Share supposed", of=["least_tipping"]),
        Column("sensitivity", "number", label="Sensitivity supposed"),
        Column("specificity", "number", label="Specificity supposed"),
        Column("contrast", label="Contrast"),
        Column(
            "estimate", "estimate", label="Log ratio", of=BASIS,
            ends=["ci_low", "ci_high"], se="se",
        ),
        Column("se", "follows"),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("ratio", "estimate", label="Ratio", of=BASIS),
        Column("e_value", "estimate", label="E-value", of=BASIS),
        Column("e_value_limit", "estimate", label="E-value of the limit", of=BASIS),
        Column("patients", "count", label="Patients"),
        Column("sessions", "count", label="Sessions"),
        Column("events", "count", label="Dropouts", of=["patients", "sessions"]),
        Column("least_cell", "basis"),
        Column("least_tipping", "basis"),
        Column("converged", "flag", label="Converged", of=BASIS),
        Column("reason", "text", label="Note", of=BASIS),
        Column("state_a"),
        Column("state_b"),
        Column("df", "estimate", label="Degrees of freedom", of=BASIS),
    ),
    settings=("models", "truth"),
    lay_out=sensitivity_table,
    draw=draw_sensitivity,
)  # fmt: skip
