"""Rupture definitions and repair rules by name: how they are declared, found and checked."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from typing import Any, TypeVar

from rupture_outcome.coding.rules import (
    CLASSES,
    OWN_SESSION,
    PROVENANCES,
    Definition,
    RepairRule,
    Threshold,
    instead,
)
from rupture_outcome.coding.settings import Column, Sessions, settings_of
from rupture_outcome.errors import Problem, StudyError

Function = TypeVar("Function", bound=Callable[..., Any])

_definitions: dict[str, Definition] = {}
_repair_rules: dict[str, RepairRule] = {}


def definition(
    *,
    id: str,
    kind_class: str,
    provenance: str,
    source: str,
    needs: Sequence[str] | Callable[..., Iterable[str]],
    needs_with: Mapping[str, str] | None = None,
    constants: Callable[..., Any] | None = None,
    threshold: Threshold | None = None,
    limit: Callable[..., Any] | None = None,
) -> Callable[[Function], Function]:
    """Declare a rupture definition.

    The function below it is called as `function(panel, constants, **parameters)`, with the
    constants as plain numbers by name, and returns `Verdicts`. Its keyword-only arguments are the
    definition's parameters, their defaults the defaults and their annotations what a config may
    give (`coding.settings` has the usual ones). A definition with a parameter `source` reads that
    column of scores. Arguments: see `Definition`.

    Parameters
    ----------
    id, provenance, source, needs, needs_with
        See `Rule`.
    kind_class, constants, threshold, limit
        See `Definition`.

    Examples
    --------
    A definition of one's own, in any module that is imported before the run, or that an installed
    package names as an entry point of the group `rupture_outcome.definitions`::

        @definition(id="low", kind_class="prospective", provenance="project", source="ours",
                    needs=("{source}",))
        def low(panel, constants, *, source: Column = "alliance_patient", below: Positive = 30):
            score = panel[source]
            missing = np.where(np.isnan(score), MISSING_SCORE, NONE).astype(np.int8)
            return Verdicts.of(score < below, missing)
    """
    _one_of("kind_class", kind_class, CLASSES)
    _one_of("provenance", provenance, PROVENANCES)

    def declare(function: Function) -> Function:
        parameters, types = settings_of(function)
        register(
            Definition(
                id=id,
                function=function,
                provenance=provenance,
                source=source,
                needs=needs if callable(needs) else tuple(needs),
                needs_with=dict(needs_with or {}),
                parameters=parameters,
                types=types,
                kind_class=kind_class,
                constants=constants,
                threshold=threshold,
                limit=limit,
            )
        )
        return function

    return declare


def repair_rule(
    *,
    id: str,
    provenance: str,
    source: str,
    needs: Sequence[str] = (),
    from_baseline: bool = False,
    same_session: bool = False,
    within: int = 5,
) -> Callable[[Function], Function]:
    """Declare a repair rule.

    The function below it is called as `function(rupture, panel, **parameters)` for a batch of
    open ruptures at one session each (`follow.Open`), and returns a `follow.Look`: where the
    rupture is repaired at that session, and where that could be known. Every rule has the
    parameters `within` (attended sessions after the onset) and `source` (the score that the
    rupture is measured on; None: the definition's own), and with `same_session` also `own_session`:
    whether the session in which the rupture began can be that of its repair. Arguments: see
    `RepairRule`.

    Parameters
    ----------
    id, provenance, source, needs
        See `Rule`.
    from_baseline, same_session
        See `RepairRule`.
    within : int
        Default of the parameter of this name.
    """
    _one_of("provenance", provenance, PROVENANCES)

    def declare(function: Function) -> Function:
        parameters, types = settings_of(function)
        common: dict[str, Any] = {"within": within, "source": None}
        of_common: dict[str, Any] = {"within": Sessions, "source": Column | None}
        if same_session:
            common, of_common = common | {OWN_SESSION: True}, of_common | {OWN_SESSION: bool}
        register(
            RepairRule(
                id=id,
                function=function,
                provenance=provenance,
                source=source,
                needs=tuple(needs),
                parameters=common | parameters,
                types=of_common | types,
                from_baseline=from_baseline,
                same_session=same_session,
            )
        )
        return function

    return declare


def register(rule: Definition | RepairRule) -> None:
    """Make a definition or repair rule known; a name that is taken by another is a ValueError."""
    known: dict[str, Any] = _definitions if isinstance(rule, Definition) else _repair_rules
    other = known.get(rule.id)
    if other is not None and _home(other.function) != _home(rule.function):
        raise ValueError(f"'{rule.id}' is registered already, by {'.'.join(_home(other.function))}")
    known[rule.id] = rule


def definitions() -> dict[str, Definition]:
    """All definitions by id: the package's, and those of installed packages.

    Examples
    --------
    >>> known = definitions()
    >>> known["drop_rci"].kind_class, known["drop_rci"].provenance
    ('prospective', 'verified')
    """
    _discover()
    return dict(sorted(_definitions.items()))


def repair_rules() -> dict[str, RepairRule]:
    """All repair rules by id: the package's, and those of installed packages."""
    _discover()
    return dict(sorted(_repair_rules.items()))


def get_definition(id: str) -> Definition:
    """Find a definition; an unknown id is a StudyError that names the nearest.

    Examples
    --------
    >>> dict(get_definition("drop_sd").parameters)
    {'source': 'alliance_patient', 'k': 1.0, 'sd': 'stricter'}
    """
    return _get(id, definitions(), "definitions")


def get_repair_rule(id: str) -> RepairRule:
    """Find a repair rule; an unknown id is a StudyError that names the nearest.

    Examples
    --------
    >>> get_repair_rule("half_recovery").from_baseline
    True
    """
    return _get(id, repair_rules(), "repair_rules")


def require_prospective(id: str) -> Definition:
    """Refuse a definition that looks ahead where what comes later is to be explained.

    Raises
    ------
    StudyError
        When the definition is unknown or retrospective.

    Examples
    --------
    >>> require_prospective("v_shape")
    Traceback (most recent call last):
        ...
    rupture_outcome.errors.StudyError: 1 problem was found.
      1. config, coding.definitions: 'v_shape' is retrospective: ...
    """
    found = get_definition(id)
    if found.kind_class == "prospective":
        return found
    raise StudyError(
        [
            Problem(
                "config, coding.definitions",
                f"'{id}' is retrospective: whether it detects a rupture at a session depends on "
                "later sessions, which exist only for patients who stayed. In a hazard model the "
                "outcome would decide the exposure",
                "use a prospective definition here; keep this one for description",
            )
        ]
    )


@cache
def _discover() -> None:
    for package in _packages():
        for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    for group in ("rupture_outcome.definitions", "rupture_outcome.repair_rules"):
        for entry in entry_points(group=group):
            entry.load()


def _packages() -> list[Any]:
    names = ("rupture_outcome.coding.definitions", "rupture_outcome.coding.repair")
    return [importlib.import_module(name) for name in names]


def _get(id: str, known: Mapping[str, Any], section: str) -> Any:
    if id in known:
        return known[id]
    where = f"config, coding.{section}"
    raise StudyError([Problem(where, f"there is no '{id}'", instead(id, known))])


def _home(function: Callable[..., Any]) -> tuple[str, str]:
    return function.__module__, function.__qualname__


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ValueError(f"{name} is '{value}'; it must be one of {', '.join(known)}")
