"""Columns that repeat for every session, and items that are numbered in their names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from rupture_outcome.study.importing.cells import texts
from rupture_outcome.study.importing.recognise.names import plain

NUMBER = "{session}"
_RUN = re.compile(r"[0-9]+")
_MARK = re.compile(
    r"(?:^|[^a-z])(s|t|v|w|sess|session|sitzung|stunde|time|visit|week|woche|mzp|wave)[ _.\-#]*$",
    re.IGNORECASE,
)
MOST_SESSIONS = 400
# How many more cells are blank at the last number than at the first, where people leave.
ATTRITION = 0.1


@dataclass(frozen=True)
class Group:
    """Columns that differ by one number.

    Parameters
    ----------
    pattern : str
        Their name, with ``{session}`` for the number.
    columns : dict of int to str
    marked : bool
        Whether a word before the number says that it counts sessions.
    """

    pattern: str
    columns: Mapping[int, str]
    marked: bool


def groups(names: Sequence[str]) -> list[Group]:
    """Group columns by the number in their names that counts sessions.

    >>> [g.pattern for g in groups(["id", "wai1_s1", "wai2_s1", "wai1_s2", "wai2_s2"])]
    ['wai1_s{session}', 'wai2_s{session}']
    """
    found: dict[str, dict[int, str]] = {}
    marked: dict[str, bool] = {}
    for name in names:
        for run in _RUN.finditer(name):
            pattern = name[: run.start()] + NUMBER + name[run.end() :]
            found.setdefault(pattern, {})[int(run[0])] = name
            marked[pattern] = bool(_MARK.search(name[: run.start()]))
    several = {p: c for p, c in found.items() if len(c) > 1 and max(c) <= MOST_SESSIONS}
    chosen: dict[str, Group] = {}
    for name in names:
        own = [p for p, columns in several.items() if name in columns.values()]
        own = [p for p in own if marked[p]] or own
        if len(own) == 1:
            chosen[own[0]] = Group(own[0], several[own[0]], marked[own[0]])
    return list(chosen.values())


def empties_out(frame: pd.DataFrame, group: Group) -> bool:
    """Whether fewer and fewer people have a value, as when they leave treatment."""
    order = sorted(group.columns)
    blank = [float(texts(frame[group.columns[n]]).isna().mean()) for n in (order[0], order[-1])]
    return blank[1] > blank[0] + ATTRITION


def base_name(pattern: str) -> str:
    """Name of what repeats, without the number and the word before it.

    >>> base_name("wai_s{session}"), base_name("Sitzung{session}_PHQ9")
    ('wai', 'PHQ9')
    """
    head, _, tail = pattern.partition(NUMBER)
    mark = _MARK.search(head)
    if mark:
        head = head[: mark.start(1)]
    return re.sub(r"[ _.\-#]{2,}", "_", f"{head}_{tail}").strip(" _.-#")


def item_sets(names: Sequence[str]) -> dict[str, list[str]]:
    """Group names that differ by their last number, three or more of them.

    >>> item_sets(["wai_01", "wai_02", "wai_03", "phq9"])
    {'wai_': ['wai_01', 'wai_02', 'wai_03']}
    """
    found: dict[str, dict[int, str]] = {}
    for name in names:
        runs = list(_RUN.finditer(name.replace(NUMBER, "#" * len(NUMBER))))
        if runs:
            last = runs[-1]
            stem = name[: last.start()] + name[last.end() :]
            found.setdefault(stem, {})[int(last[0])] = name
    return {
        stem: [one[n] for n in sorted(one)]
        for stem, one in found.items()
        if len(one) > 2 and plain(stem)
    }
