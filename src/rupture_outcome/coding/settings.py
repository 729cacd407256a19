"""Types of the settings of definitions and repair rules, and whether a value is of its type."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

from annotated_types import Ge, Gt, Le, Lt, MinLen

Column = Annotated[str, MinLen(1)]
NotNegative = Annotated[float, Ge(0)]
Positive = Annotated[float, Gt(0)]
Share = Annotated[float, Ge(0), Le(1)]
PositiveShare = Annotated[float, Gt(0), Le(1)]
Probability = Annotated[float, Gt(0), Lt(1)]
Reliability = Annotated[float, Ge(0), Lt(1)]
Salience = Annotated[float, Ge(1), Le(5)]
# No course is longer than the most of them, so that a larger one is a slip.
Sessions = Annotated[int, Ge(1), Le(1000)]


def settings_of(function: Callable[..., Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Defaults and types of a rule's settings: its keyword-only arguments.

    Examples
    --------
    >>> def rule(panel, *, k: Positive = 1.0, anything=None): ...
    >>> settings_of(rule)[0]
    {'k': 1.0, 'anything': None}
    """
    hints = get_type_hints(function, include_extras=True)
    arguments = inspect.signature(function).parameters.values()
    own = [one for one in arguments if one.kind is one.KEYWORD_ONLY]
    defaults = {one.name: one.default for one in own}
    return defaults, {one.name: hints.get(one.name, Any) for one in own}


def misfit(value: object, kind: Any) -> str:
    """Say what a value should be; nothing where it is of its type.

    Numbers are finite, a text is no number, and true and false are not 1 and 0.

    Examples
    --------
    >>> misfit(-3, Sessions)
    'greater than or equal to 1'
    >>> misfit(float("nan"), Positive), misfit(2, Positive | None)
    ('a finite number', '')
    """
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    try:
        TypeAdapter(kind, config=ConfigDict(strict=True, allow_inf_nan=False)).validate_python(
            value
        )
    except ValidationError as error:
        said = (one["msg"].removeprefix("Input should be ") for one in error.errors())
        return " or ".join(dict.fromkeys(said))
    return ""
