"""What a user is told when a study or its config cannot be used."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

SHOWN_ROWS = 5
SHOWN_COLUMNS = 8


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input.

    Parameters
    ----------
    file : str
        Name of the file, as the user wrote it.
    expected : str
        What was expected, and what was found instead. Never holds an identifier or free text.
    remedy : str
        What the user can do about it.
    column : str, optional
        The column, under the name it has in the user's file.
    rows : sequence of int, optional
        Line numbers in the file; the header is line 1.
    others : sequence of str, optional
        Further columns of which the same is true.
    """

    file: str
    expected: str
    remedy: str
    column: str | None = None
    rows: Sequence[int] = ()
    others: Sequence[str] = ()

    def __str__(self) -> str:
        where = [self.file]
        if self.column is not None:
            where.append(_columns([self.column, *self.others]))
        if len(self.rows):
            where.append(_lines(self.rows))
        return f"{', '.join(where)}: {self.expected}\n    What to do: {self.remedy}"


class StudyError(Exception):
    """A study cannot be used as it is; carries every problem found, not only the first.

    `reason` is the same as a code, for a row of results without an estimate.
    """

    def __init__(self, problems: Sequence[Problem], reason: str = "") -> None:
        self.problems, self.reason = tuple(problems), reason
        super().__init__(self.problems)

    def __str__(self) -> str:
        n = len(self.problems)
        head = "1 problem was found." if n == 1 else f"{n} problems were found."
        return "\n".join([head, *(f"  {i}. {p}" for i, p in enumerate(self.problems, 1))])


def grouped(problems: Iterable[Problem]) -> list[Problem]:
    """Put problems of one cause together: the same of several columns of a file.

    >>> one, other = (Problem("a.csv", "not a number", "correct it", c, [2, 3]) for c in "xy")
    >>> [problem] = grouped([one, other, one])
    >>> print(problem)
    a.csv, columns 'x' and 'y', lines 2, 3: not a number
        What to do: correct it
    """
    alike: dict[tuple[str, str, str, bool], list[Problem]] = {}
    for problem in dict.fromkeys(_hashable(problem) for problem in problems):
        key = problem.file, problem.expected, problem.remedy, problem.column is None
        alike.setdefault(key, []).append(problem)
    return [_together(same) for same in alike.values()]


def _hashable(problem: Problem) -> Problem:
    return replace(problem, rows=tuple(problem.rows), others=tuple(problem.others))


def _together(same: Sequence[Problem]) -> Problem:
    rows = tuple(sorted({row for problem in same for row in problem.rows}))
    columns = [c for p in same for c in (p.column, *p.others) if c is not None]
    return replace(same[0], rows=rows, others=tuple(dict.fromkeys(columns[1:])))


def _columns(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"column '{names[0]}'"
    shown = [f"'{name}'" for name in names[:SHOWN_COLUMNS]]
    more = len(names) - SHOWN_COLUMNS
    last = f"{more} more" if more > 0 else shown.pop()
    return f"columns {', '.join(shown)} and {last}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give ", did you mean '…'?" for a near miss of a known word, else nothing.

    >>> did_you_mean("primry", ["primary", "definitions"])
    ", did you mean 'primary'?"
    """
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f", did you mean '{by_lower[near[0]]}'?" if near else ""


def _lines(rows: Sequence[int]) -> str:
    shown = ", ".join(str(row) for row in list(rows)[:SHOWN_ROWS])
    more = len(rows) - SHOWN_ROWS
    word = "line" if len(rows) == 1 else "lines"
    return f"{word} {shown}" + (f" and {more} more" if more > 0 else "")
