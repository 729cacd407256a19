"""A true effect to move: what the naive comparison finds, and what an analysis by session finds."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from IPython.display import HTML
from jinja2 import Environment
from markupsafe import Markup

from rupture_outcome.look.words import SIMULATED_WORLD
from rupture_outcome.pages.answer import number
from rupture_outcome.pages.reading import Results

TEMPLATE = Path(__file__).parent / "time_widget.html.j2"
# From top to bottom, as in the tables.
LABELS = {
    "naive": "Naive: patients, ever repaired or never",
    "landmark": "From session 6 on, by the state at it",
    "hazard": "Session by session, by the state at each",
}
WIDTH, LEFT, RIGHT, TOP, ROW = 700, 250, 685, 22, 40
TICKS = (0.05, 0.1, 0.2, 0.5, 1, 2, 4)


def time_widget(study: Results) -> HTML:
    """Show the widget: `tables/immortal_time.csv`, which does not depend on the study's data."""
    return HTML(widget_html(study.table("immortal_time"), study.card["models"]["confidence"]))


def widget_html(effects: pd.DataFrame, confidence: float = 0.95) -> str:
    """Write the widget as an HTML fragment that needs nothing else.

    Without scripts it is a table of all true effects. A script makes a slider of it.

    Parameters
    ----------
    effects : DataFrame
        The published `immortal_time`.
    confidence : float
        Level of the intervals whose coverage is in it.

    Returns
    -------
    str
        The same bytes for the same input; a sentence where nothing was simulated.
    """
    if effects.empty:
        return "<p>No world was simulated.</p>\n"
    scale = _Scale(effects)
    worlds = [
        _step(float(truth), effects[effects["true_ratio"].eq(truth)], scale, confidence)
        for truth in np.sort(effects["true_ratio"].unique())
    ]
    start = int(np.argmin([abs(math.log(world["truth"])) for world in worlds]))
    first = effects.iloc[0]
    template = Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        worlds=worlds,
        labels=LABELS,
        start=start,
        steps=Markup(json.dumps(worlds, separators=(",", ":")).replace("<", "\\u003c")),
        ticks=[{"x": scale(tick), "label": f"{tick:g}"} for tick in TICKS if scale.holds(tick)],
        rows=[
            {"y": TOP + ROW * (i + 0.5), "label": text} for i, text in enumerate(LABELS.values())
        ],
        plot={"width": WIDTH, "left": LEFT, "right": RIGHT, "top": TOP, "bottom": TOP + 3 * ROW},
        simulated=SIMULATED_WORLD,
        studies=f"{first['replicates']:,} studies of {first['patients']:,} patients",
    )


class _Scale:
    """Pixels of a ratio on a logarithmic axis that holds all of a table."""

    def __init__(self, effects: pd.DataFrame) -> None:
        columns = ["true_ratio", "ratio_low", "ratio_high"]
        self.low = math.log(min(effects[columns].min().min(), TICKS[0]) * 0.9)
        self.high = math.log(max(effects[columns].max().max(), 1.0) * 1.1)

    def __call__(self, ratio: float) -> float:
        share = (math.log(ratio) - self.low) / (self.high - self.low)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    def holds(self, ratio: float) -> bool:
        return self.low <= math.log(ratio) <= self.high


def effect_words(truth: float) -> str:
    """Say what repair does in a world.

    Examples
    --------
    >>> effect_words(1.0), effect_words(0.5)
    ('repair does nothing', 'repair lowers the odds of leaving by 50%')
    """
    if truth == 1:
        return "repair does nothing"
    if truth >= 2:
        return f"repair makes the odds of leaving {truth:g} times as high"
    way = "lowers" if truth < 1 else "raises"
    return f"repair {way} the odds of leaving by {abs(1 - truth) * 100:.0f}%"


def _step(truth: float, own: pd.DataFrame, scale: _Scale, confidence: float) -> dict[str, Any]:
    found: dict[str, Any] = {row["analysis"]: row for row in own.to_dict("records")}
    rows = [found[analysis] for analysis in LABELS]
    return {
        "truth": truth,
        "label": f"True odds ratio {truth:g}: {effect_words(truth)}",
        "x": scale(truth),
        "found": [number(row["ratio"]) for row in rows],
        "ranges": [f"{number(row['ratio_low'])} to {number(row['ratio_high'])}" for row in rows],
        "at": [[scale(row[c]) for c in ("ratio_low", "ratio", "ratio_high")] for row in rows],
        "said": _said(truth, found["naive"], found["hazard"], confidence),
    }


def _off(factor: float) -> str:
    """Say by how much a ratio misses the truth."""
    way = "low" if factor < 1 else "high"
    return f"too {way} by a factor of {max(factor, 1 / factor):.1f}"


def _said(truth: float, naive: Mapping[str, Any], hazard: Mapping[str, Any], level: float) -> str:
    """Tell what a reader would conclude from each of the two."""
    share = f"{100 * naive['excludes_one']:.0f}%"
    wrong = {
        True: f"{share} of studies would report that repair keeps patients in treatment",
        False: _off(naive["ratio"] / truth),
    }[truth == 1]
    if naive["ratio"] < 1 < truth:
        wrong = f"it turns the harm into a benefit, and {share} of studies would call it proven"
    return (
        f"In this world {effect_words(truth)}. The naive comparison of patients finds an odds "
        f"ratio of {number(naive['ratio'])} on average: {wrong}. Session by session, the average "
        f"is {number(hazard['ratio'])}, and the {level * 100:g}% interval holds the truth in "
        f"{100 * hazard['coverage']:.0f}% of studies."
    )
