"""One page a selected case: ratings, limits, and the codes under every definition."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from rupture_outcome.figures.case_panels import (
    RATED,
    REPORTS,
    ROW,
    SCORES,
    WIDTH,
    axes_at,
    codes_panel,
    reports_panel,
    scores_panel,
    shade_missed,
)
from rupture_outcome.look.notice import NO_INDIVIDUALS, notice
from rupture_outcome.look.style import footnote, headline, styled
from rupture_outcome.look.words import name

SCORE = "alliance_patient"
NOTE = (
    "Short lines: a score below them (for falls, or at them) meets the definition's first "
    "criterion; definitions that look ahead ask for more, such as a return, or use the whole "
    "course. Grey bands: missed sessions; a gap without a band: attended and not rated."
)
# inches
ABOVE, GAP, LEGEND, BELOW = 0.1, 0.25, 0.21, 0.45


@styled
def case_figure(
    cases: pd.DataFrame,
    number: int,
    *,
    scale: tuple[float, float] | None = None,
    simulated: bool = False,
) -> Figure:
    """Draw scores with the limits of the definitions, reports, and what each definition says.

    Parameters
    ----------
    cases : DataFrame
        From `coding.cases.coded_cases`.
    number : int
        Which case.
    scale : (float, float), optional
        Lowest and highest possible score.
    simulated : bool
        Whether to mark the figure as simulated data.
    """
    own = configured(cases, number)
    if own.empty:
        return notice(f"Case {number}", _nothing(cases, number), simulated=simulated)
    course = own.drop_duplicates("session").set_index("session")
    limits, rows = same_limits(own), _rows(own)
    legend = LEGEND * -(-(len(limits) + 1) // 2) + 0.1
    reported = reports_of(own)
    reports = RATED + GAP + LEGEND if len(reported) else 0
    height = ABOVE + SCORES + legend + reports + GAP + ROW * (len(rows) + 1) + BELOW
    fig = Figure(figsize=(WIDTH, height))
    top = axes_at(fig, ABOVE, SCORES)
    scores_panel(top, course, limits, scale)
    if len(reported):
        reports_panel(axes_at(fig, ABOVE + SCORES + legend + GAP, RATED), reported, course.index)
    codes = axes_at(fig, height - BELOW - ROW * (len(rows) + 1), ROW * (len(rows) + 1))
    codes_panel(codes, own, rows, course)
    for ax in fig.axes:
        ax.set_xlim(course.index.min() - 0.6, course.index.max() + 0.6)
        shade_missed(ax, course)
    headline(fig, _title(own), _subtitle(own), simulated=simulated)
    footnote(fig, NOTE)
    return fig


def alt_text(cases: pd.DataFrame, number: int) -> str:
    """Say which definitions found a rupture in which sessions of the case."""
    own = configured(cases, number)
    if own.empty:
        return _nothing(cases, number)
    scores = own.drop_duplicates("session")["score"]
    parts = [
        f"{name('definition', definition)}: {_sessions(rows)}"
        for definition, rows in own.groupby("definition", sort=False)
    ]
    return (
        f"{_title(own)}. Alliance scores from {scores.min():.0f} to {scores.max():.0f} over "
        f"{own['session'].nunique()} scheduled sessions. Sessions with a rupture, by definition. "
        f"{'; '.join(parts)}."
    )


def configured(cases: pd.DataFrame, number: int) -> pd.DataFrame:
    """Rows of one case under the definitions as the config has them."""
    return cases[cases["case"].eq(number) & cases["parameter"].isna()]


def same_limits(own: pd.DataFrame) -> list[tuple[list[str], pd.Series]]:
    """Limits on the score by session, with the definitions that share them."""
    groups: list[tuple[list[str], pd.Series]] = []
    scored = own[own["source"].eq(SCORE) & own["limit"].notna()]
    for definition, rows in scored.groupby("definition", sort=False):
        limit = rows.set_index("session")["limit"]
        for names, other in groups:
            both = limit.index.intersection(other.index)
            if len(both) and np.allclose(limit[both], other[both]):
                names.append(str(definition))
                break
        else:
            groups.append(([str(definition)], limit))
    return groups


def _nothing(cases: pd.DataFrame, number: int) -> str:
    if cases.empty:
        return NO_INDIVIDUALS
    return f"No case {number}: no further course shows definitions that disagree in this way."


def _title(own: pd.DataFrame) -> str:
    return f"Case {own['case'].iloc[0]}: {name('role', own['role'].iloc[0])}"


def _subtitle(own: pd.DataFrame) -> str:
    names = own["definition"].nunique()
    finding = own.loc[own["verdict"].eq("detected"), "definition"].nunique()
    most = own[own["verdict"].eq("detected")].groupby("session").size()
    text = f"{finding} of {names} definitions find a rupture."
    if most.empty or most.max() == 1:
        return text
    return f"{text} Most agree on session {most.idxmax()}: {most.max()} of {names}."


def _sessions(rows: pd.DataFrame) -> str:
    found = rows.loc[rows["verdict"].eq("detected"), "session"]
    if len(found):
        return ", ".join(str(session) for session in found)
    tested = rows["verdict"].notna() & rows["verdict"].ne("not_testable")
    return "none" if tested.any() else "cannot be tested"


def reports_of(own: pd.DataFrame) -> pd.DataFrame:
    """Rows with a rating of tension or salience."""
    return own[own["source"].isin(list(REPORTS)) & own["observed"].notna()]


def _rows(own: pd.DataFrame) -> list[str]:
    """Definitions from top to bottom: those that look back, then those that look ahead."""
    by_class = own.drop_duplicates("definition").sort_values("class", kind="stable")
    return [str(definition) for definition in by_class["definition"]]
