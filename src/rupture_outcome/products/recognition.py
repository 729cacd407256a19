"""Whether a rupture that one reporter sees is seen by another, in the session or next to it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from rupture_outcome.disclosure import Column
from rupture_outcome.estimates.recognition.recognition import LAGS, REPORTERS
from rupture_outcome.look.formats import count_text, count_texts, percent, with_interval
from rupture_outcome.look.layout import html_table
from rupture_outcome.look.look import Look
from rupture_outcome.look.notice import notice
from rupture_outcome.look.reasons import reason_text
from rupture_outcome.look.style import (
    BLACK,
    BLUE,
    GREY,
    SKY,
    footnote,
    headline,
    new_figure,
    styled,
)
from rupture_outcome.look.words import lower_first, name
from rupture_outcome.products.product import Drawing, Product, Tables

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Which ruptures another reporter sees, too"
NOTHING = "No two reporters told of ruptures in the same sessions."
RUPTURES = ("recognised", "missed")
NOTE = (
    "A rupture counts where the other reporter could be asked in the session that is compared. By "
    "chance: the share of all sessions compared in which the other one reports a rupture."
)
SPREAD = (
    "SD: how therapists differ, in the log odds that a rupture is seen in its own session; mixed "
    "logistic regression, profile likelihood."
)
# inches; the offset is in rows
LABEL, PLOT, TEXT, ROW, HEAD, BELOW = 3.6, 3.4, 1.0, 0.46, 0.1, 0.55
LOOKS: dict[int, tuple[str, str, str, float]] = {
    -1: (SKY, "<", "white", -0.25),
    0: (BLACK, "o", BLACK, 0.0),
    1: (BLUE, ">", "white", 0.25),
}


def recognition_table(tables: Tables, look: Look) -> str:
    """Lay out a row a pair of definitions and lag."""
    found = tables["recognition"]
    rows = found.to_dict("records")
    cells = pd.DataFrame(index=found.index)
    cells["group"] = [_pair(row) for row in rows]
    cells["definition"] = [name("definition", row["definition"]) for row in rows]
    cells["by_definition"] = [name("definition", row["by_definition"]) for row in rows]
    cells["lag"] = [name("lag", str(int(row["lag"]))) for row in rows]
    cells["ruptures"] = count_texts(found["ruptures"])
    cells["recognised"] = count_texts(found["recognised"])
    cells["share"] = [share_text(row) for row in rows]
    cells["expected"] = [percent(each, 0) for each in found["expected"]]
    cells["sd"] = [with_interval(row["sd"], row["sd_low"], row["sd_high"], 2) for row in rows]
    cells["patients"] = count_texts(found["patients"])
    cells["therapists"] = count_texts(found["therapists"])
    cells["reason"] = [reason_text(row["reason"]) for row in rows]
    order = found.assign(row=range(len(found))).sort_values(
        ["reporter", "by", "row"], key=lambda c: c.map(_rank) if c.name != "row" else c
    )
    return html_table(
        cells.loc[order.index].reset_index(drop=True),
        "recognition",
        TITLE,
        f"Unit: rupture. In brackets: {look.level} intervals, robust to therapists.",
        labels={
            "definition": "Ruptures by",
            "by_definition": "Seen by",
            "lag": "Session compared",
            "ruptures": "Ruptures",
            "recognised": "Seen",
            "share": "Share seen",
            "expected": "By chance",
            "sd": "SD of therapists",
            "patients": "Patients",
            "therapists": "Therapists",
            **({"reason": "Note"} if cells["reason"].any() else {}),
        },
        group="group",
        notes=[NOTE, SPREAD],
        look=look,
    )


def _rank(reporter: str) -> int:
    return REPORTERS.index(reporter)


def _pair(row: dict) -> str:
    return (
        f"Of the ruptures that the {name('reporter', row['reporter'])} "
        f"{'report' if row['reporter'] == 'observer' else 'reports'}, "
        f"those that the {name('reporter', row['by'])} see"
        f"{'' if row['by'] == 'observer' else 's'}"
    )


def share_text(row: Mapping) -> str:
    """Write the share of ruptures that another one sees, in per cent, with its interval."""
    ends = row["share_low"], row["share_high"]
    return with_interval(row["share"], *ends, digits=0, unit="%", scale=100)


def shown_pairs(found: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Choose one definition a reporter: the main one, else the first that the config names.

    Parameters
    ----------
    found : DataFrame
        Published table `recognition`.
    look : Look
        With the main definition.
    """
    first = dict(zip(found["reporter"][::-1], found["definition"][::-1], strict=True))
    main = found["definition"].eq(str(look.primary.get("definition")))
    first |= dict(zip(found.loc[main, "reporter"], found.loc[main, "definition"], strict=True))
    chosen = found["definition"].eq(found["reporter"].map(first))
    return found[chosen & found["by_definition"].eq(found["by"].map(first))]


def draw_recognition(tables: Tables, look: Look) -> Drawing:
    """Draw a row a pair of reporters, with the sessions before, of and after the rupture."""
    rows = shown_pairs(tables["recognition"], look)
    rows = rows[rows["share"].notna()]
    if rows.empty:
        return Drawing(notice(TITLE, NOTHING, look), TITLE, NOTHING)
    return Drawing(recognition_figure(rows, look), TITLE, alt_text(rows))


@styled
def recognition_figure(rows: pd.DataFrame, look: Look) -> "Figure":
    """Draw published rows of the definitions shown."""
    pairs = [
        (a, b)
        for a in REPORTERS
        for b in REPORTERS
        if (rows["reporter"].eq(a) & rows["by"].eq(b)).any()
    ]
    width, tall = LABEL + PLOT + TEXT, HEAD + ROW * len(pairs) + BELOW
    fig = new_figure(width, tall)
    box = (LABEL / width, BELOW / tall, PLOT / width, ROW * len(pairs) / tall)
    ax = fig.add_axes(box)
    ax.set(xlim=(0, 1), ylim=(len(pairs), 0), yticks=[], xlabel="Share of these ruptures seen")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.spines["left"].set_visible(False)
    for y, (a, b) in enumerate(pairs):
        _draw_pair(ax, y + 0.5, rows[rows["reporter"].eq(a) & rows["by"].eq(b)])
    _legend(fig)
    headline(fig, TITLE, _subtitle(rows), look)
    footnote(fig, f"Lines: {look.level} intervals, robust to therapists. {NOTE}", look)
    return fig


def _draw_pair(ax: "Axes", y: float, rows: pd.DataFrame) -> None:
    at: dict[str, Any] = {"va": "center", "fontsize": 8.5, "transform": ax.get_yaxis_transform()}
    for row in rows.to_dict("records"):
        color, marker, face, shift = LOOKS[int(row["lag"])]
        ax.plot([row["share_low"], row["share_high"]], [y + shift] * 2, color=color, lw=1.3)
        ax.plot(row["share"], y + shift, marker=marker, ms=5.5, color=color, mfc=face)
        if row["lag"] == 0:
            ax.plot([row["expected"]] * 2, [y - 0.36, y + 0.36], color=GREY, ls=":", lw=1.6)
            ax.text(1.02, y, f"{count_text(row['ruptures'])} ruptures", **at)
    first = rows.iloc[0].to_dict()
    who = "Ruptures by the {}, seen by the {}".format(
        *(name("reporter", first[key]) for key in ("reporter", "by"))
    )
    ax.text(-LABEL / PLOT, y, who, **at)


def _legend(fig: "Figure") -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=LOOKS[lag][0], marker=LOOKS[lag][1], mfc=LOOKS[lag][2], lw=1.3,
               label=name("lag", str(lag)))
        for lag in LAGS
    ]  # fmt: skip
    handles.append(Line2D([], [], color=GREY, ls=":", lw=1.6, label="By chance, same session"))
    fig.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 0), ncols=2)


def _subtitle(rows: pd.DataFrame) -> str:
    used = rows.drop_duplicates("reporter")
    return "; ".join(
        f"{name('reporter', row['reporter'])}: {lower_first(name('definition', row['definition']))}"
        for row in used.to_dict("records")
    ).capitalize()


def alt_text(rows: pd.DataFrame) -> str:
    """Say which share is seen in the same session, of each pair."""
    own = rows[rows["lag"].eq(0)].to_dict("records")
    said = [
        f"ruptures by the {name('reporter', row['reporter'])} seen by the "
        f"{name('reporter', row['by'])}: {share_text(row)}, by chance {percent(row['expected'], 0)}"
        for row in own
    ]
    return f"Shares of ruptures that another reporter sees in the same session. {'; '.join(said)}."


PRODUCT = Product(
    name="recognition",
    about="Ruptures that one reporter sees and another one sees, too, in the session or next to it",
    raw={"frame": "coding/recognition.parquet"},
    columns=(
        Column("reporter", label="Ruptures that are reported by"),
        Column("definition", label="Definition"),
        Column("by", label="Seen by"),
        Column("by_definition", label="By the definition"),
        Column("lag", "number", label="Sessions later", unit="session"),
        Column("ruptures", "count", label="Ruptures"),
        Column("recognised", "count", label="Seen", of=["ruptures"]),
        Column(
            "share", "share", label="Share seen", of=["recognised", "ruptures"],
            ends=["share_low", "share_high"],
        ),
        Column("share_low", "follows"),
        Column("share_high", "follows"),
        Column("sessions", "count", label="Sessions compared"),
        Column("expected", "mean", label="By chance", of=["sessions"]),
        Column("sd", "estimate", label="SD of therapists", unit="log odds", of=RUPTURES,
               ends=["sd_low", "sd_high"]),
        Column("sd_low", "follows", unit="log odds"),
        Column("sd_high", "follows", unit="log odds"),
        Column("patients", "count", label="Patients"),
        Column("therapists", "count", label="Therapists"),
        Column("reason", "text", label="Note", of=RUPTURES),
        Column("missed", "basis"),
    ),
    lay_out=recognition_table,
    draw=draw_recognition,
)  # fmt: skip
