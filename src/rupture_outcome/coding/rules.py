"""What a rupture definition and a repair rule are."""

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from rupture_outcome.coding.settings import misfit
from rupture_outcome.errors import Problem, StudyError

CLASSES = ("prospective", "retrospective")
PROVENANCES = ("verified", "recalled", "project")

# Parameter of repair rules by which a rupture can be repaired in the session in which it began.
OWN_SESSION = "own_session"
# Where a definition has no `source` of its own, ruptures are measured on this score.
DEFAULT_SOURCE = "alliance_patient"

MULTIPLES_OF_SD = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0)


@dataclass(frozen=True)
class Rule:
    """What definitions and repair rules have in common.

    Parameters
    ----------
    id : str
        Name in config and results.
    function : callable
        The rule.
    provenance : {"verified", "recalled", "project"}
        Whether the formula was read in a source, is known but was not read, or is ours.
    source : str
        Where the rule comes from.
    needs : sequence of str, or callable
        Columns without which it cannot be applied; `{name}` stands for a parameter's value. Or a
        function from the parameters to these columns.
    needs_with : mapping of str to str
        Columns that are needed only when a parameter is given (not None).
    parameters : mapping
        Parameters and their defaults.
    types : mapping
        What values parameters may have, see `coding.settings`.
    """

    id: str
    function: Callable[..., Any]
    provenance: str
    source: str
    needs: Sequence[str] | Callable[..., Iterable[str]]
    needs_with: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    types: Mapping[str, Any] = field(default_factory=dict)
    section = "rules"

    @property
    def summary(self) -> str:
        """First line of the rule's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    def resolve(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """Fill in defaults; a parameter unknown or out of bounds is a StudyError."""
        given = given or {}
        problems = [found for name, value in given.items() for found in self._wrong(name, value)]
        if problems:
            raise StudyError(problems)
        return {**self.parameters, **given}

    def _wrong(self, name: str, value: object) -> Iterator[Problem]:
        where = f"config, coding.{self.section}.{self.id}"
        if name not in self.parameters:
            yield Problem(where, f"there is no parameter '{name}'", instead(name, self.parameters))
        elif why := misfit(value, self.types.get(name, Any)):
            yield Problem(
                where,
                f"'{name}' should be {why}, and is {value!r}",
                f"correct it, or leave it out: it is {self.parameters[name]!r} then",
            )

    def columns(self, parameters: Mapping[str, Any]) -> list[str]:
        """Columns that the rule needs with these parameters."""
        if callable(self.needs):
            return list(self.needs(**parameters))
        extra = [c for name, c in self.needs_with.items() if parameters.get(name) is not None]
        return [column.format(**parameters) for column in [*self.needs, *extra]]


@dataclass(frozen=True)
class Threshold:
    """What of a definition is moved to see how much rests on it.

    Parameters
    ----------
    parameter : str
        The parameter that is the threshold; without `grid` the scale constant of this name.
    grid : tuple of float, or None
        What it takes beside the value in use. None: steps up to twice the one in use.
    axis : str, optional
        Code of what it measures, where that is not the parameter's name.
    """

    parameter: str
    grid: tuple[float, ...] | None = None
    axis: str = ""

    @property
    def code(self) -> str:
        """What results call it."""
        return self.axis or self.parameter


@dataclass(frozen=True)
class Definition(Rule):
    """A registered rupture definition; see `definition`.

    Parameters
    ----------
    kind_class : {"prospective", "retrospective"}
        Whether a session's verdict rests on sessions up to it only.
    constants : callable or None
        `(panel, instrument, **parameters) -> {name: Constant}`, estimated once per study.
    threshold : Threshold or None
        What is moved in the sweep of thresholds; None: nothing.
    limit : callable or None
        `(panel, constants, parameters) -> array (N,)`: for a score how low it must be for the first
        criterion (retrospective definitions ask for more, such as a return), for anything else the
        least that counts. None: there is no such line, as for a change point.
    alias_of : str or None
        Id that it is registered under, where a config uses it under another name.
    """

    kind_class: str = "prospective"
    constants: Callable[..., Any] | None = None
    threshold: Threshold | None = None
    limit: Callable[..., Any] | None = None
    alias_of: str | None = None
    section = "definitions"

    @property
    def base(self) -> str:
        """Id that it is registered under."""
        return self.alias_of or self.id

    def called(self, name: str) -> "Definition":
        """Give the same definition under another name in config and results."""
        return self if name == self.id else replace(self, id=name, alias_of=self.base)

    def columns(self, parameters: Mapping[str, Any]) -> list[str]:
        """Columns that the definition needs with these parameters."""
        with self.under_its_name():
            return super().columns(parameters)

    @contextmanager
    def under_its_name(self) -> Iterator[None]:
        """Let problems point to the config entry, where the definition knows only its own id."""
        own, entry = (f"config, coding.{self.section}.{id}" for id in (self.base, self.id))
        try:
            yield
        except StudyError as error:
            problems = [replace(p, file=entry) if p.file == own else p for p in error.problems]
            raise StudyError(problems) from None

    @property
    def scored(self) -> bool:
        """Whether it reads a series of scores, so that chance can be worked out by permuting."""
        return "source" in self.parameters


@dataclass(frozen=True)
class RepairRule(Rule):
    """A registered repair rule; see `repair_rule`.

    Parameters
    ----------
    from_baseline : bool
        Whether it measures against the pre-rupture score, without which it cannot be applied.
    same_session : bool
        Whether a session in which a rupture is detected can also be the one that repairs it.
    """

    from_baseline: bool = False
    same_session: bool = False
    section = "repair_rules"


def instead(name: str, known: Mapping[str, Any]) -> str:
    """Say what can be written for a name that is not known, the nearest first.

    Examples
    --------
    >>> instead("drop_ds", {"drop_sd": 1, "strauss": 2})
    "did you mean 'drop_sd'? Known: drop_sd, strauss"
    """
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"did you mean '{near[0]}'? " if near else ""
    return f"{guess}Known: {', '.join(known) or 'none'}"
