"""Averaged alliance around the onset of the first rupture, by what became of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import stdtrit

from rupture_outcome.look.style import (
    BLUE,
    GREY,
    VERMILLION,
    Mark,
    footnote,
    headline,
    legend_below,
    styled,
)
from rupture_outcome.look.words import name, withheld_note
from rupture_outcome.publishable.suppress import (
    HIDDEN,
    WITHHELD,
    count_texts,
    hide_categories,
    note_of,
    shown_count,
)

TITLE = "Alliance around the first rupture"
WINDOW = (-4, 8)
LOOKS = {
    "repaired": Mark(BLUE, "--", "s", "...."),
    "not_repaired": Mark(VERMILLION, "-", "o", "////"),
    "censored": Mark(GREY, ":", "^"),
}


def mean_courses(
    sessions: pd.DataFrame, episodes: pd.DataFrame, threshold: int, confidence: float = 0.95
) -> pd.DataFrame:
    """Mean alliance by attended sessions since onset and repair, of more than `threshold` patients.

    Parameters
    ----------
    sessions : DataFrame
        Scored sessions: ``patient_id``, ``session``, ``attended``, ``alliance_patient``.
    episodes : DataFrame
        Episodes of one definition and repair rule.
    threshold : int
        A mean of so few patients is missing.
    confidence : float
        Level of the interval of the mean (t distribution).

    Returns
    -------
    DataFrame
        repair, since_onset (0 is the session of the rupture), mean, ci_low, ci_high, patients (of
        the group, in all its rows), withheld.
    """
    first = episodes.sort_values("onset").drop_duplicates("patient_id")
    held = sessions[sessions["attended"].eq(1)].sort_values(["patient_id", "session"])
    held = held.assign(order=held.groupby("patient_id").cumcount())
    joined = held.merge(first[["patient_id", "onset", "repair"]], on="patient_id")
    at_onset = joined[joined["session"].eq(joined["onset"])].set_index("patient_id")["order"]
    joined["since_onset"] = joined["order"] - joined["patient_id"].map(at_onset)
    seen = joined[joined["since_onset"].between(*WINDOW) & joined["alliance_patient"].notna()]
    scores = seen.astype({"repair": str}).groupby(["repair", "since_onset"])["alliance_patient"]
    table = scores.agg(["mean", "std", "count"]).reset_index()
    table = table[table["count"] > threshold]
    half = (
        table["std"] / np.sqrt(table["count"]) * stdtrit(table["count"] - 1, 0.5 + confidence / 2)
    )
    table = table.assign(ci_low=table["mean"] - half, ci_high=table["mean"] + half)
    table = table.join(group_sizes(first, threshold), on="repair").drop(columns=["std", "count"])
    columns = ["repair", "since_onset", "mean", "ci_low", "ci_high", "patients", "withheld"]
    return table[columns].reset_index(drop=True)


def group_sizes(first: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Patients by what became of their first rupture, of whom the total may be public.

    A group of few is withheld, and then the smallest others until it cannot be told from the total
    (the table of prevalence has the number of patients with a rupture).

    Parameters
    ----------
    first : DataFrame
        ``repair``, one row a patient.
    threshold : int
        Largest count that is not shown.

    Returns
    -------
    DataFrame
        patients, withheld; by ``repair``.
    """
    counts = first["repair"].astype(str).value_counts().sort_index()
    hidden = hide_categories(counts.tolist(), threshold)
    marks = [_mark(n, threshold) if hide else "" for n, hide in zip(counts, hidden, strict=True)]
    shown = counts.astype("Int64").mask(np.array(hidden, bool))
    notes = [note_of({"patients": mark}) for mark in marks]
    return pd.DataFrame({"patients": shown, WITHHELD: notes})


def _mark(count: int, threshold: int) -> str:
    small = shown_count(count, threshold)
    return small if small.startswith("≤") else HIDDEN


@styled
def mean_course_figure(
    means: pd.DataFrame,
    primary: Mapping[str, str],
    *,
    threshold: int = 10,
    confidence: float = 0.95,
    simulated: bool = False,
) -> Figure:
    """Draw mean alliance with its interval, from before the first rupture to after it."""
    fig = Figure(figsize=(7.4, 3.9), layout="constrained")
    ax = fig.subplots()
    draw_means(ax, means)
    ax.set(xlabel="Attended sessions since the rupture", ylabel="Mean alliance, by patient")
    legend_below(fig, ax.get_legend_handles_labels()[0], columns=3)
    definition = name("definition", primary["definition"])
    subtitle = f"{definition}; repair: {name('repair_rule', primary['repair_rule'])}."
    headline(fig, TITLE, subtitle, simulated=simulated)
    footnote(fig, _note(threshold, confidence))
    return fig


def draw_means(ax: Axes, means: pd.DataFrame, *, small: bool = False) -> None:
    """Draw the mean of each group with its interval; in a small panel with less ink."""
    for repair, look in LOOKS.items():
        rows = means[means["repair"].eq(repair)].sort_values("since_onset")
        if len(rows):
            x, y = rows["since_onset"].to_numpy(float), rows["mean"].to_numpy(float)
            style: dict[str, Any] = {"color": look.color, "ls": look.line, "marker": look.marker}
            style |= {"ms": 2.8, "lw": 1.1, "mew": 0} if small else {}
            ax.plot(x, y, label=group_label(rows), **style)
            band = rows[["ci_low", "ci_high"]].to_numpy(float)
            ax.fill_between(
                x, band[:, 0], band[:, 1], facecolor=(look.color, 0.13),
                edgecolor=(look.color, 0.35), hatch="" if small else look.hatch, lw=0,
            )  # fmt: skip
    ax.axvline(0, color=GREY, lw=0.8, zorder=0)


def group_label(rows: pd.DataFrame) -> str:
    """Name of a group with its number of patients."""
    repair = name("repair", rows["repair"].iloc[0]).capitalize()
    return f"{repair} (n = {count_texts(rows, 'patients')[0]})"


def alt_text(means: pd.DataFrame) -> str:
    """Say how the mean alliance moved from before the rupture to after it."""
    parts = []
    for repair, rows in means.groupby("repair", sort=False):
        mean = rows.set_index("since_onset")["mean"]
        first, last = mean.index.min(), mean.index.max()
        parts.append(
            f"{name('repair', repair)}: {mean[first]:.1f} at {first:+d} sessions, "
            f"lowest {mean.min():.1f}, {mean[last]:.1f} at {last:+d}"
        )
    return f"Mean alliance around the first rupture, by what became of it. {'; '.join(parts)}."


def _note(threshold: int, confidence: float) -> str:
    return (
        f"Bands: {confidence * 100:g}% intervals of the mean. Means of {threshold} patients or "
        "fewer are not shown. Who leaves drops out of later means. Individual courses are not "
        f"shown. {withheld_note(threshold)}"
    )
