"""What a rupture definition and a repair rule are."""

import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rupture_outcome.errors import Problem, StudyError

CLASSES = ("prospective", "retrospective")
PROVENANCES = ("verified", "recalled", "project")

# Where a definition has no `source` of its own, ruptures are measured on this score.
DEFAULT_SOURCE = "alliance_patient"


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
    needs : sequence of str
        Columns without which it cannot be applied; `{name}` stands for a parameter's value.
    needs_with : mapping of str to str
        Columns that are needed only when a parameter is given (not None).
    parameters : mapping
        Parameters and their defaults.
    """

    id: str
    function: Callable[..., Any]
    provenance: str
    source: str
    needs: Sequence[str]
    needs_with: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    section = "rules"

    @property
    def summary(self) -> str:
        """First line of the rule's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    def resolve(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """Fill in defaults; a parameter that the rule does not have is a StudyError."""
        given = given or {}
        where = f"config, coding.{self.section}.{self.id}"
        problems = [
            Problem(where, f"there is no parameter '{name}'", instead(name, self.parameters))
            for name in given
            if name not in self.parameters
        ]
        if problems:
            raise StudyError(problems)
        return {**self.parameters, **given}

    def columns(self, parameters: Mapping[str, Any]) -> list[str]:
        """Columns that the rule needs with these parameters."""
        extra = [c for name, c in self.needs_with.items() if parameters.get(name) is not None]
        return [column.format(**parameters) for column in [*self.needs, *extra]]


@dataclass(frozen=True)
class Definition(Rule):
    """A registered rupture definition; see `definition`.

    Parameters
    ----------
    kind_class : {"prospective", "retrospective"}
        Whether a session's verdict rests on sessions up to it only.
    constants : callable or None
        `(panel, instrument, **parameters) -> {name: Constant}`, estimated once per study.
    """

    kind_class: str = "prospective"
    constants: Callable[..., Any] | None = None
    section = "definitions"

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
    """Say what can be written for a name that is not known, the nearest first."""
    near = difflib.get_close_matches(name, known, n=1)
    guess = f"did you mean '{near[0]}'? " if near else ""
    return f"{guess}Known: {', '.join(known) or 'none'}"
