"""A threshold to move: what is coded, found and expected by chance at each of its values."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from IPython.display import HTML
from jinja2 import Environment
from markupsafe import Markup

from rupture_outcome.disclosure import known
from rupture_outcome.look.formats import UNKNOWN, count_texts
from rupture_outcome.look.words import SIMULATED, name
from rupture_outcome.pages.reading import Results

TEMPLATE = Path(__file__).parent / "threshold_widget.html.j2"
LABELS = {
    "rate": "Found, of testable sessions",
    "chance": "Expected by chance",
    "still": "Expected without change",
    "sensitivity": "True ruptures found",
    "alarms": "False alarms",
}
CURVES = {"still": "still", "chance": "chance", "rate": "found"}
LETTERS = {"detected": "d", "not_detected": "n", "not_testable": "t"}
UNITS = {
    "k": "Least fall, in standard deviations",
    "points": "Least fall, in points",
    "sigmas": "Distance below the patient's earlier sessions, in sigma",
    "tension": "Least tension that counts without a reported rupture",
    "threshold": "Least mean salience",
    "sd_below_mean": "Distance below the mean of the study, in standard deviations",
    "least": "Least number of markers, mean over raters",
}


class Frame(NamedTuple):
    """A drawing area in pixels: its size, and the ends of its axes."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int


PLOT = Frame(width=700, height=230, left=48, right=685, top=10, bottom=178)
PANEL = Frame(width=370, height=150, left=36, right=360, top=26, bottom=122)


def threshold_widget(study: Results) -> HTML:
    """Show the widget of a study's results: `tables/threshold_sweep.csv` and `tables/cases.csv`."""
    sweep, cases = study.table("threshold_sweep"), study.table("cases")
    return HTML(widget_html(sweep, cases, simulated=bool(study.card["simulated"])))


def widget_html(sweep: pd.DataFrame, cases: pd.DataFrame, *, simulated: bool = False) -> str:
    """Write the widget as an HTML fragment that needs nothing else.

    Without scripts it is a table of all thresholds for each definition. A script makes a select
    and a slider of it, and puts the tables below them.

    Parameters
    ----------
    sweep : DataFrame
        The published `threshold_sweep`.
    cases : DataFrame
        The published `cases`, may be empty; rows without a parameter hold the verdict under the
        config and are not looked at.
    simulated : bool
        Whether to mark tables and cases as simulated data.

    Returns
    -------
    str
        The same bytes for the same input; a sentence where there is no threshold to move.
    """
    if sweep.empty:
        return "<p>This study uses no definition with a threshold that can be moved.</p>\n"
    shown = _shares(sweep)
    labels = {key: text for key, text in LABELS.items() if shown[key].notna().any()}
    people = _people(cases)
    definitions = [
        _definition(own, labels, people) for _, own in shown.groupby("definition", sort=False)
    ]
    moving = [definition for definition in definitions if len(definition["steps"]) > 1]
    template = Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        definitions=definitions,
        moving=moving,
        labels=list(labels.values()),
        cases=[person["drawn"] for person in people],
        unrated=any(person["drawn"]["unrated"] for person in people),
        steps=Markup(_json([definition["steps"] for definition in moving])),
        plot=PLOT,
        panel=PANEL,
        simulated=SIMULATED if simulated else "",
    )


def threshold_label(parameter: str, value: float) -> str:
    """Say what a threshold asks for.

    Examples
    --------
    >>> threshold_label("points", 6.9125)
    'fall of at least 6.9 points'
    >>> threshold_label("tension", float("nan"))
    'rupture reported, whatever the tension'
    """
    if parameter == "tension":
        return (
            "rupture reported, whatever the tension"
            if math.isnan(value)
            else f"rupture reported, or tension of {_short(value)} or more"
        )
    texts = {
        "k": "fall of at least {} SD",
        "points": "fall of at least {} points",
        "sigmas": "more than {} sigma below the earlier sessions",
        "threshold": "mean salience of {} or more",
        "sd_below_mean": "at least {} SD below the mean of the study",
        "least": "{} markers or more",
    }
    return texts.get(parameter, f"{parameter} {{}}").format(_short(value))


def _short(value: float) -> str:
    return "none" if math.isnan(value) else f"{round(value, 2 if value < 5 else 1):g}"


def _shares(sweep: pd.DataFrame) -> pd.DataFrame:
    testable = known(sweep["sessions_testable"]).replace(0, np.nan)
    return sweep.assign(
        value=sweep["value"].astype(float),
        rate=sweep["rate"].astype(float),
        chance=sweep["expected_by_chance"].astype(float) / testable,
        still=sweep["expected_without_change"].astype(float) / testable,
        sensitivity=sweep["sensitivity"].astype(float),
        alarms=1 - sweep["specificity"].astype(float),
        found=count_texts(sweep["sessions_detected"]),
        tested=count_texts(sweep["sessions_testable"]),
    )


def _definition(
    own: pd.DataFrame, labels: Mapping[str, str], people: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    definition, parameter = (str(own[key].iloc[0]) for key in ("definition", "parameter"))
    x = np.linspace(PLOT.left + 18, PLOT.right - 18, len(own)).round(1).tolist()
    top, ticks = _share_axis(own)
    rows: list[Any] = own.to_dict("records")
    return {
        "name": name("definition", definition),
        "unit": UNITS.get(parameter, parameter),
        "steps": [_step(*pair, labels, people) for pair in zip(rows, x, strict=True)],
        "ticks": ticks,
        "curves": {kind: _path(x, own[key] / top, PLOT) for key, kind in CURVES.items()},
    }


def _step(
    row: Mapping[str, Any],
    x: float,
    labels: Mapping[str, str],
    people: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    key = (row["definition"], _key(row["value"]))
    codes = [person["codes"].get(key, "") for person in people]
    sessions = [person["sessions"] for person in people]
    label = threshold_label(row["parameter"], row["value"])
    return {
        "label": label + (" (in use)" if row["in_use"] else ""),
        "short": _short(row["value"]),
        "in_use": bool(row["in_use"]),
        "x": x,
        "found": f"{row['found']} of {row['tested']}",
        "numbers": [_number(row, key) for key in labels],
        "said": _said(row, label),
        "codes": codes,
        "ruptures": [_ruptures(*pair) for pair in zip(codes, sessions, strict=True)],
    }


def _said(row: Mapping[str, Any], label: str) -> str:
    found = "not given" if math.isnan(row["rate"]) else _number(row, "rate")
    parts = [
        f"With “{label}”, {row['found']} of {row['tested']} testable sessions have a rupture "
        f"({found})."
    ]
    if not math.isnan(row["chance"]):
        parts.append(
            f"The same rule finds {_percent(row['chance'])} when each patient's scores are put in "
            "random order"
            + (
                "."
                if math.isnan(row["still"])
                else f", and {_percent(row['still'])} when nothing changes but errors of "
                "measurement."
            )
        )
    else:
        parts.append("What people report has no rate expected by chance.")
    if not math.isnan(row["sensitivity"]):
        parts.append(
            f"It finds {_number(row, 'sensitivity')} of the ruptures that the simulation put in, "
            f"and marks {_number(row, 'alarms')} of the sessions without one."
        )
    return " ".join(parts)


def _people(cases: pd.DataFrame) -> list[dict[str, Any]]:
    """Give each case its sessions, drawing, and codes at every value: one letter a session."""
    if cases.empty:
        return []
    swept = cases[cases["parameter"].notna() & cases["attended"].eq(1)]
    numbers = sorted(swept["case"].astype(int).unique().tolist())
    return [_person(number, swept[swept["case"] == number]) for number in numbers]


def _person(number: int, own: pd.DataFrame) -> dict[str, Any]:
    courses = own.groupby("session")["score"].first()
    sessions = [int(session) for session in courses.index]
    letters = own.assign(letter=own["verdict"].map(LETTERS), key=own["value"].map(_key))
    return {
        "sessions": sessions,
        "drawn": {"number": number, **_drawn(courses)},
        "codes": {
            (str(definition), key): "".join(
                rows.set_index("session")["letter"].reindex(sessions).fillna("t")
            )
            for (definition, key), rows in letters.groupby(["definition", "key"])
        },
    }


def _drawn(course: pd.Series) -> dict[str, Any]:
    session = course.index.to_numpy(float)
    low, high = np.floor(course.min()), np.ceil(course.max())
    span = max(high - low, 1)
    scale = (PANEL.right - PANEL.left - 16) / max(session.max() - 1, 1)
    x = (PANEL.left + 8 + (session - 1) * scale).round(1)
    height = ((course - low) / span * 0.85 + 0.15).fillna(0.0)
    y = _y(height, PANEL)
    last = int(session.max())
    step = max(1, -(-last // 8))
    # A line over a missed or unrated session would show what nobody measured.
    drawn = pd.Series(height.where(course.notna()).to_numpy(), session)
    drawn = drawn.reindex(np.arange(1.0, last + 1))
    at = (PANEL.left + 8 + (drawn.index.to_numpy(float) - 1) * scale).round(1)
    return {
        "marks": [{"x": a, "y": b} for a, b in zip(x.tolist(), y, strict=True)],
        "path": _path(at.tolist(), drawn, PANEL),
        "unrated": bool(course.isna().any()),
        "ticks": [
            {"y": _y(pd.Series([share]), PANEL)[0], "label": label}
            for share, label in ((0.0, ""), (0.15, f"{low:g}"), (1.0, f"{high:g}"))
            if label != "nan"
        ],
        "sessions": [
            {"x": round(PANEL.left + 8 + (n - 1) * scale, 1), "label": n}
            for n in range(1, last + 1, step)
        ],
    }


def _ruptures(codes: str, sessions: Sequence[int]) -> str:
    found = [str(n) for n, letter in zip(sessions, codes, strict=False) if letter == "d"]
    return ", ".join(found) or "none"


def _share_axis(own: pd.DataFrame) -> tuple[float, list[dict[str, Any]]]:
    largest = float(np.nanmax([own[key].max() for key in CURVES] + [0.01]))
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if largest <= 5 * s)
    n = math.ceil(round(largest / step, 9))
    shares = pd.Series([i / n for i in range(n + 1)])
    labels = [f"{100 * step * i:g}%" for i in range(n + 1)]
    return n * step, [
        {"y": y, "label": label} for y, label in zip(_y(shares, PLOT), labels, strict=True)
    ]


def _y(share: pd.Series, frame: Frame) -> list[float]:
    y = frame.bottom - share.astype(float) * (frame.bottom - frame.top)
    return list(y.round(1))


def _path(x: Sequence[float], share: pd.Series, frame: Frame) -> str:
    """Line through all points, broken where one is missing."""
    parts, pen = [], "M"
    for at, y in zip(x, _y(share, frame), strict=True):
        if math.isnan(y):
            pen = "M"
            continue
        parts.append(f"{pen}{at} {y}")
        pen = "L"
    return "".join(parts)


def _number(row: Mapping[str, Any], key: str) -> str:
    return _percent(row[key])


def _percent(value: float) -> str:
    return UNKNOWN if math.isnan(value) else f"{100 * value:.1f}%"


def _key(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6f}"


def _json(value: object) -> str:
    """JSON that can stand within a script element."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
