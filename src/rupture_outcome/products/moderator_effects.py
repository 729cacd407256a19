"""Effects on dropout by subgroup, with a joint test for each moderator: table and figure."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rupture_outcome.disclosure import Categories, Column, is_small
from rupture_outcome.engine.reasons import parsed, without
from rupture_outcome.estimates.effect_rows import FEWEST, HEADLINE, compares
from rupture_outcome.look.forest import draw_line, draw_row, limits, ratio_axis, true_line
from rupture_outcome.look.formats import count_texts, intervals, number, p_value, ratio_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import remark
from rupture_outcome.look.style import (
    BLUE,
    FAINT,
    GREY,
    VERMILLION,
    Mark,
    footnote,
    headline,
    new_figure,
    styled,
)
from rupture_outcome.look.words import contrast_name, lower_first, name, ratio_name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Repair of ruptures and dropout, by subgroup"
ALL = "all"
# inches: the columns from left to right, then heights
LABEL, PLOT, TEXT, COUNT = 2.1, 3.1, 1.75, 0.85
ROW, ABOVE, BELOW = 0.21, 0.3, 0.62
LIMITS = (0.06, 12.0)
FEW_DROPOUTS, FEW_UNITS = "†", "‡"
NOTHING = "No effect by subgroup could be estimated."
SUBGROUP, EVERYBODY = Mark(BLUE, "-", "o"), Mark(BLUE, "-", "D")
UNITS = Mark(VERMILLION, (0, (2, 1.2)), "")
COUNTS = ["patients", "sessions", "events"]
PER_PARAMETER = "thin_model"
SMALL_CELLS = (
    "What small cells can say: with fewer than ten dropouts in a state, one dropout more or less "
    "moves the estimate a great deal, intervals are only approximate, and that two subgroups do "
    "not differ significantly does not show that they are alike."
)


def moderators_table(tables: Tables, look: Look) -> str:
    """Lay out published effects by moderator, and the joint tests below them."""
    effects = tables["moderator_effects"]
    therapist = effects[effects["nested_in"].eq("therapist")].reset_index(drop=True)
    unit = effects[effects["nested_in"].eq("unit")].reset_index(drop=True)
    cells = pd.DataFrame(index=therapist.index)
    cells["group"] = [name("variable", one) for one in therapist["moderator"]]
    cells["level"] = [name("category", one) for one in therapist["level"]]
    cells["contrast"] = [contrast_name(row) for row in therapist.to_dict("records")]
    cells["ratio"] = [number(ratio, 2) for ratio in therapist["ratio"]]
    pairs = therapist[["state_a", "state_b"]].itertuples(index=False, name=None)
    true = [look.true_ratio(pair) for pair in pairs]
    cells["true"] = [number(ratio, 2) for ratio in true]
    cells["therapist"] = intervals(therapist, ratio=True)
    cells["unit"] = intervals(unit, ratio=True)
    for column in COUNTS:
        cells[column] = count_texts(therapist[column])
    cells["reason"] = [_own_remark(row, look) for row in unit.to_dict("records")]
    lines = _with_tests(cells, therapist, unit)
    ratio = ratio_name(str(effects["link"].iloc[0])) if len(effects) else "Ratio"
    level = look.level
    return html_table(
        lines,
        "moderator_effects",
        "Effects of ruptures and repair on dropout, by subgroup",
        _about(effects),
        labels={
            "level": "Subgroup",
            "contrast": "Contrast",
            "ratio": ratio,
            **({} if np.isnan(true).all() else {"true": "Truth of the simulation"}),
            "therapist": f"{level} interval, therapists",
            "unit": f"{level} interval, robust for units",
            "patients": "Patients",
            "sessions": "Sessions",
            "events": "Dropouts",
            "reason": "Note",
        },
        group="group",
        notes=_notes(effects),
        look=look,
    )


def _own_remark(row: dict, look: Look) -> str:
    """Remark without what holds for the whole table and stands below it."""
    note = "" if pd.isna(row["reason"]) else without(row["reason"], [PER_PARAMETER])
    return remark({**row, "reason": note}, look)


def joint_text(row: dict) -> str:
    """Joint test in words, empty where there is none.

    Examples
    --------
    >>> joint_text({"joint_statistic": 1.478, "joint_df": 3, "joint_p": 0.687, "joint_p_holm": 1.0})
    'χ²(3) = 1.48, p = 0.687 (Holm: 1.000)'
    """
    if pd.isna(row["joint_p"]):
        return ""
    statistic = f"χ²({int(row['joint_df'])}) = {row['joint_statistic']:.2f}"
    adjusted = p_value(row["joint_p_holm"], bare=True)
    return f"{statistic}, {p_value(row['joint_p'])} (Holm: {adjusted})"


def _with_tests(cells: pd.DataFrame, therapist: pd.DataFrame, unit: pd.DataFrame) -> pd.DataFrame:
    """Put the joint tests of a moderator below its levels."""
    blocks = []
    for _, block in cells.groupby(therapist["moderator"], sort=False):
        tests = therapist.loc[block.index].drop_duplicates(["state_a", "state_b"])
        lines = [
            {
                "group": block["group"].iloc[0],
                "level": "Same in all subgroups?",
                "contrast": contrast_name(row),
                "therapist": joint_text(row),
                "unit": joint_text(unit.loc[i].to_dict()),
            }
            for i, row in zip(tests.index, tests.to_dict("records"), strict=True)
            if pd.notna(row["joint_p"])
        ]
        blocks += [block, pd.DataFrame(lines, columns=cells.columns)]
    return pd.concat(blocks, ignore_index=True) if blocks else cells


def _about(effects: pd.DataFrame) -> str:
    if effects.empty:
        return ""
    dropout = name("dropout_definition", effects["dropout_definition"].iloc[0])
    return f"Dropout: {dropout}. Below 1: less dropout in the state named first."


def _notes(effects: pd.DataFrame) -> list[str]:
    tested = effects.loc[effects["joint_p"].notna(), "moderator"].nunique()
    return [
        "One multilevel hazard a moderator: state by moderator, session bands and covariates, "
        "random intercept of the therapist of that session. Patients, sessions and dropouts are "
        "those at risk in the subgroup.",
        "Therapists: errors of that model. Robust for units: errors that allow patients of one "
        "couple, family or group to resemble each other beyond their therapist; a patient alone "
        "is a unit.",
        f"Same in all subgroups: Wald test over the subgroups with an estimate. Moderators "
        f"tested: {tested}; Holm's adjustment is for their number, for each contrast and "
        "nesting by itself."
        if tested
        else "",
        SMALL_CELLS,
        "These models have fewer than ten dropouts for each of their parameters: read all "
        "subgroups as hints."
        if effects["reason"].astype(str).str.contains(PER_PARAMETER).any()
        else "",
    ]


def draw_moderators(tables: Tables, look: Look) -> Drawing:
    """Draw the effect of repair in every subgroup, on a logarithmic axis."""
    effects = tables["moderator_effects"]
    return Drawing(subgroup_forest(effects, look), TITLE, alt_text(effects, look))


@styled
def subgroup_forest(effects: pd.DataFrame, look: Look) -> "Figure":
    """Draw published effects by subgroup."""
    rows, heads, height = placed(effects)
    if rows.empty:
        return notice(TITLE, NOTHING, look)
    width = LABEL + PLOT + TEXT + 2 * COUNT
    fig = new_figure(width, height + ABOVE + BELOW)
    total = fig.get_size_inches()[1]
    ax = fig.add_axes((LABEL / width, BELOW / total, PLOT / width, height / total))
    ax.set(ylim=(height, 0), facecolor="none")
    ratio = ratio_name(str(effects["link"].iloc[0]))
    _axis(ax, rows, ratio, look)
    for row in rows.to_dict("records"):
        _draw(ax, row)
    _texts(ax, rows, heads, f"{ratio} [{look.level}]")
    headline(fig, TITLE, _subtitle(effects), look)
    footnote(fig, _note(rows, effects, look), look)
    return fig


def alt_text(effects: pd.DataFrame, look: Look) -> str:
    """Say what was estimated in each subgroup, what could not be, and the joint tests."""
    rows, heads, _ = placed(effects)
    if rows.empty:
        return NOTHING
    ratio = ratio_name(str(effects["link"].iloc[0])).lower()
    parts = []
    for head in heads:
        own = rows[rows["moderator"].eq(head["moderator"])].to_dict("records")
        found = ", ".join(f"{name('category', r['level'])} {ratio_interval(r)}" for r in own)
        tail = f" ({head['test']})" if head["test"] else ""
        parts.append(f"{head['text']}: {found}{tail}")
    return (
        "Forest plot of the effect of repair on dropout by subgroup, repaired against open "
        f"rupture, {ratio}. {'. '.join(parts)}. {not_drawn(effects, look)}".strip()
    )


def placed(effects: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, Any]], float]:
    """Rows to draw with their height `y` in inches, headings of moderators, and the height of all.

    One row a level that has an estimate, with both intervals (``unit_low`` and ``unit_high`` are
    those robust for units).
    """
    wanted = effects[compares(effects, HEADLINE)]
    rows = wanted[wanted["nested_in"].eq("therapist")].copy()
    unit = wanted[wanted["nested_in"].eq("unit")]
    rows["unit_low"], rows["unit_high"] = unit["ci_low"].to_numpy(), unit["ci_high"].to_numpy()
    rows["reason"] = unit["reason"].to_numpy()
    rows = rows[rows["estimate"].notna()]
    top, heads, y = 0.0, [], []
    for moderator, block in rows.groupby("moderator", sort=False):
        first = unit[unit["moderator"].eq(moderator)].iloc[0]
        text = name("variable", moderator)
        heads.append(
            {"moderator": moderator, "text": text, "y": top + ROW / 2, "test": _test(first)}
        )
        y += [top + ROW * (i + 1.5) for i in range(len(block))]
        top += ROW * (len(block) + 1.5)
    return rows.assign(y=y), heads, top


def _test(row: Any) -> str:
    if pd.isna(row["joint_p"]):
        return ""
    adjusted = p_value(row["joint_p_holm"], bare=True)
    return f"same in all? {p_value(row['joint_p'])}, adjusted {adjusted}"


def _axis(ax: "Axes", rows: pd.DataFrame, ratio: str, look: Look) -> None:
    ends = np.exp(rows[["ci_low", "ci_high", "unit_low", "unit_high"]].to_numpy(dtype=float))
    label = f"{ratio}, repaired against open (log scale)"
    ratio_axis(ax, *limits(ends.ravel(), LIMITS), label, labelpad=16)
    true_line(ax, look.true_ratio(HEADLINE))
    overall = rows.loc[rows["moderator"].eq(ALL), "ratio"].dropna()
    if len(overall):
        ax.axvline(overall.iloc[0], color=BLUE, lw=1, ls=(0, (4, 2)), zorder=0)
    y = -0.33 / (ax.bbox.height / ax.figure.dpi)
    small: dict[str, Any] = {"transform": ax.transAxes, "fontsize": 7.5, "color": GREY}
    ax.text(0, y, "← repair: less dropout", va="center", **small)
    ax.text(1, y, "more →", va="center", ha="right", **small)


def not_drawn(effects: pd.DataFrame, look: Look) -> str:
    """Say which subgroups have no estimate and why, those with the same reason together."""
    rows = effects[compares(effects, HEADLINE) & effects["nested_in"].eq("unit")]
    said: dict[str, list[str]] = {}
    for row in rows[rows["estimate"].isna()].to_dict("records"):
        level = name("category", row["level"])
        whole = level == name("category", ALL)
        what = lower_first(name("variable", row["moderator"]))
        of = what if whole else f"{level} ({what})"
        said.setdefault(_own_remark(row, look), []).append(of)
    parts = [f"{', '.join(who)}: {why}" for why, who in said.items()]
    return f"Not drawn: {'; '.join(parts)}." if parts else ""


def _draw(ax: "Axes", row: dict) -> None:
    overall = row["moderator"] == ALL
    unit = np.exp(row["unit_low"]), np.exp(row["unit_high"])
    draw_line(ax, row["y"] + 0.045, unit, UNITS, width=1.0)
    hollow, size = FEW_DROPOUTS in _flags(row), 7.0 if overall else 5.5
    ends = np.exp(row["ci_low"]), np.exp(row["ci_high"])
    mark = EVERYBODY if overall else SUBGROUP
    draw_row(ax, row["y"] - 0.012, row["ratio"], ends, mark, hollow=hollow, size=size, width=1.8)


def _texts(ax: "Axes", rows: pd.DataFrame, heads: list[dict], ratio: str) -> None:
    """Write the columns of text to the left and right of the panel."""
    plain: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "fontsize": 8.5}
    bold = plain | {"fontweight": "bold"}
    start, end = -LABEL / PLOT, 1 + (TEXT + 2 * COUNT) / PLOT
    columns = [1 + x / PLOT for x in (0.12, TEXT + COUNT - 0.1, TEXT + 2 * COUNT - 0.05)]
    titles = [(ratio, "left"), ("Patients", "right"), ("Dropouts", "right")]
    for x, (text, align) in zip(columns, titles, strict=True):
        ax.text(x, -0.08, text, ha=align, va="bottom", **bold)
    plain, bold = plain | {"va": "center"}, bold | {"va": "center"}
    for head in heads:
        ax.text(start, head["y"], head["text"], **bold)
        ax.text(columns[-1], head["y"], head["test"], ha="right", style="italic", **plain)
        if head["y"] > ROW:
            line: dict[str, Any] = {"color": FAINT, "lw": 1, "clip_on": False, "zorder": 0}
            edge = [head["y"] - 0.8 * ROW] * 2
            ax.plot([start, end], edge, transform=plain["transform"], **line)
    counts = {column: count_texts(rows[column]) for column in ("patients", "events")}
    for i, row in enumerate(rows.to_dict("records")):
        ax.text(start + 0.12 / PLOT, row["y"], _label(row), **plain)
        ax.text(columns[0], row["y"], ratio_interval(row), **plain)
        ax.text(columns[1], row["y"], counts["patients"][i], ha="right", **plain)
        ax.text(columns[2], row["y"], counts["events"][i], ha="right", **plain)


def _label(row: dict) -> str:
    return f"{name('category', row['level'])} {_flags(row)}".strip()


def _flags(row: dict) -> str:
    if pd.isna(row["estimate"]):
        return ""
    codes = {code for code, _ in parsed(str(row["reason"]))}
    few = FEW_DROPOUTS if "few_dropouts" in codes else ""
    return few + (FEW_UNITS if "few_units" in codes else "")


def _subtitle(effects: pd.DataFrame) -> str:
    dropout = name("dropout_definition", effects["dropout_definition"].iloc[0])
    return f"Dropping out after a session, repaired against open rupture. Dropout: {dropout}."


def _note(rows: pd.DataFrame, effects: pd.DataFrame, look: Look) -> str:
    tested = effects.loc[effects["joint_p"].notna(), "moderator"].nunique()
    flags = "".join(_flags(row) for row in rows.to_dict("records"))
    parts = [
        f"Solid: {look.level} intervals with therapists as groups (also in figures on the right). "
        "Dashed: intervals robust for patients in one couple, family or group; the p values are "
        "from these. Arrows: beyond the axis. Dashed vertical line: all patients.",
        look.truth,
        f"Moderators tested: {tested}; p values adjusted for their number by Holm's method."
        if tested
        else "",
        f"{FEW_DROPOUTS} (open symbol): fewer than ten dropouts in a state compared: one more or "
        "less moves the estimate a great deal, and no difference between subgroups is no proof "
        "that they are alike."
        if FEW_DROPOUTS in flags
        else "",
        f"{FEW_UNITS}: few couples, families or groups, so the dashed interval may be too short."
        if FEW_UNITS in flags
        else "",
        not_drawn(effects, look),
    ]
    return " ".join(filter(None, parts))


def with_joint_basis(look: Look, frame: pd.DataFrame) -> pd.DataFrame:
    """Add what a joint test rests on: the smallest cell but 0 of all subgroups it compares."""
    cells = frame[list(BASIS)].where(frame["estimate"].notna()).astype(float)
    least = cells.where(cells > 0).min(axis=1)
    keys = [frame[key] for key in ("moderator", "nested_in", "state_a", "state_b")]
    return frame.assign(
        least_of_all=least.groupby(keys).transform("min"), rest=_not_shown(frame, look.threshold)
    )


def _not_shown(frame: pd.DataFrame, threshold: int) -> pd.Series:
    """Dropouts of an arm in the subgroups that are withheld, of the two arms where there are fewer.

    The errors in all patients and in the other subgroups would tell them.
    """
    keys = ["nested_in", "state_a", "state_b"]
    withheld = frame[list(BASIS)].apply(is_small, threshold=threshold).any(axis=1)
    hidden = pd.DataFrame(index=frame.index)
    for side in CELLS:
        every = frame[frame["level"].eq(ALL)].groupby(keys)[side].max()
        whole = frame[keys].merge(every.rename("whole"), on=keys, how="left")["whole"].to_numpy()
        shown = frame[side].where(~withheld & frame["level"].ne(ALL), 0)
        shown = shown.groupby([frame["moderator"], *(frame[key] for key in keys)]).transform("sum")
        hidden[side] = (whole - shown).where(frame["level"].ne(ALL) & ~withheld, 0)
    return hidden.where(hidden > 0).min(axis=1)


BASIS = ("patients", "events", *FEWEST)
CELLS = ("events_first", "events_second")
SHOWN_OF = (*BASIS, "rest")
TESTED = ("least_of_all",)

PRODUCT = Product(
    name="moderator_effects",
    about="Effects of ruptures and repair on dropout by subgroup, and whether they are the same",
    raw={"frame": "models/moderator_effects.parquet"},
    settings=("truth",),
    make=with_joint_basis,
    columns=(
        Column("moderator", label="Moderator"),
        Column("level", label="Subgroup"),
        Column("nested_in", label="Errors allow for"),
        Column("definition", label="Definition"),
        Column("repair_rule", label="Repair"),
        Column("dropout_definition", label="Dropout"),
        Column("link", label="Link"),
        Column("contrast", label="Contrast"),
        Column(
            "estimate", "estimate", label="Log ratio", of=SHOWN_OF,
            ends=["ci_low", "ci_high"], se="se",
        ),
        Column("se", "follows"),
        Column("ci_low", "follows"),
        Column("ci_high", "follows"),
        Column("ratio", "estimate", label="Ratio", of=SHOWN_OF),
        Column("patients", "count", label="Patients"),
        Column("sessions", "count", label="Sessions"),
        Column("events", "count", label="Dropouts", of=["patients", "sessions"]),
        *(Column(cell, "basis") for cell in (*FEWEST, *TESTED, "rest")),
        Column("joint_statistic", "test", label="Joint test", of=TESTED),
        Column("joint_df", "number", label="Its degrees of freedom"),
        Column("joint_p", "p", label="Its p", of=TESTED),
        Column("joint_p_holm", "p", label="Its p, adjusted", of=TESTED),
        Column("converged", "flag", label="Converged", of=SHOWN_OF),
        Column("reason", "text", label="Note", of=SHOWN_OF),
        Column("state_a"),
        Column("state_b"),
    ),
    categories=Categories(
        "level",
        "patients",
        within=(
            "moderator", "nested_in", "definition", "repair_rule", "dropout_definition", "link",
            "contrast", "state_a", "state_b",
        ),
    ),
    lay_out=moderators_table,
    draw=draw_moderators,
)  # fmt: skip
