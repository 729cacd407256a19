"""Choice of a few courses in which definitions of rupture disagree."""

from collections.abc import Callable, Hashable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from rupture_outcome.coding.scales import within_person_sd
from rupture_outcome.coding.series import Panel
from rupture_outcome.engine.arrays import Floats

AMONG = 2000  # patients looked at, so that a large study costs no more than this
LENGTHS = (8, 20)  # rated sessions that a page can show
RETURN = 3  # sessions in which a V comes back


class Course(NamedTuple):
    """Rated sessions of one patient, in the unit of the pooled within-person SD.

    `score` counts down from the highest possible (or seen) score; `by_score` and `by_report` say
    how many definitions of each sort detect a rupture at each session.
    """

    score: Floats
    by_score: Floats
    by_report: Floats
    testable: float


def choose_cases(panel: Panel, source: str, codes: pd.DataFrame, top: float) -> dict[str, Hashable]:
    """Choose one patient for each way in which definitions can disagree.

    Parameters
    ----------
    panel : Panel
        Attended sessions with the column `source`.
    source : str
        Column of scores.
    codes : pandas.DataFrame
        By patient_id and session: by_score, by_report (`Course`), testable (how many definitions
        can be applied).
    top : float
        Highest possible score; NaN if not known, and the highest seen is taken.

    Returns
    -------
    dict
        Role and patient, the same on every run and whatever the order of rows. A course that all
        definitions can be applied to, observers' included, counts one point more. A role that no
        course fits is left out, and no patient has two.
    """
    courses = _courses(panel, source, codes, top)
    most = max((course.testable for course in courses.values()), default=0.0)
    chosen: dict[str, Hashable] = {}
    for role, fit in ROLES.items():
        fits = {
            who: fit(course) + float(course.testable == most)
            for who, course in courses.items()
            if who not in chosen.values()
        }
        known = {who: value for who, value in fits.items() if not np.isnan(value)}
        if known:
            chosen[role] = max(known, key=lambda who: known[who])  # the first of equals
    return chosen


def _courses(panel: Panel, source: str, codes: pd.DataFrame, top: float) -> dict[Hashable, Course]:
    score = panel[source]
    unit = within_person_sd(panel, score).value
    if not unit > 0:
        return {}
    top = np.nanmax(score) if np.isnan(top) else top
    among = slice(panel.starts[min(AMONG, len(panel.ids))])
    keys = {"patient_id": panel.patient_ids[among], "session": panel.session[among]}
    sessions = pd.MultiIndex.from_frame(pd.DataFrame(keys))
    coded = codes.reindex(sessions, fill_value=0).to_numpy(float)
    found = {}
    for i, who in enumerate(panel.ids[:AMONG]):
        rows = np.arange(panel.starts[i], panel.starts[i + 1])
        rated = rows[~np.isnan(score[rows])]
        if LENGTHS[0] <= len(rated) and len(rows) <= LENGTHS[1]:
            own = coded[rated]
            found[who] = Course((score[rated] - top) / unit, own[:, 0], own[:, 1], own[:, 2].max())
    return found


def clear_v(course: Course) -> float:
    """How many definitions see a fall of 2 SD that is made good; NaN if there is none."""
    x, best = course.score, np.nan
    for t in range(1, len(x) - 1):
        back = x[t + 1 : t + 1 + RETURN].max() >= x[t - 1] - 0.5
        if x[t - 1] - x[t] >= 2 and back:
            best = np.nanmax([best, course.by_score[t] + 0.5 * min(course.by_report[t], 1)])
    return float(best)


def slow_decline(course: Course) -> float:
    """Size of a fall of 2 SD in small steps that is made good in one; NaN if there is none.

    Reports within it add to its value, detections from scores take away.
    """
    x, best = course.score, np.nan
    for end in range(3, len(x) - 1):
        start = end
        while start and 0 <= x[start - 1] - x[start] < 1.6:
            start -= 1
        fall = x[start] - x[end]
        if end - start >= 3 and fall >= 2 and x[end + 1] - x[end] >= 0.6 * fall:
            within = slice(start + 1, end + 1)
            reported = float((course.by_report[within] > 0).sum())
            value = fall + 0.5 * reported - course.by_score[within].sum()
            best = np.nanmax([best, value])
    return float(best)


def dip_at_the_top(course: Course) -> float:
    """Share of scores near the highest in a course with one small dip that some scores detect."""
    x = course.score
    near = float((x >= -1).mean())
    falls = np.flatnonzero((x[:-1] - x[1:] >= 0.6) & (course.by_score[1:] > 0)) + 1
    small = [t for t in falls if x[t - 1] - x[t] < 1.6]
    if near < 0.6 or len(small) != 1 or (course.by_score > 0).sum() > 1:
        return float("nan")
    return near


def only_reported(course: Course) -> float:
    """How many sessions have a reported or coded rupture in a course that no score detects."""
    if course.by_score.any() or (course.by_report > 0).sum() < 2:
        return float("nan")
    return float((course.by_report > 0).sum() + (course.by_report > 1).sum())


ROLES: Mapping[str, Callable[[Course], float]] = {
    "clear_v": clear_v,
    "slow_decline": slow_decline,
    "dip_at_the_top": dip_at_the_top,
    "only_reported": only_reported,
}
