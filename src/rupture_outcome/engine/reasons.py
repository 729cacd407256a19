"""Reasons as codes: why there is no estimate, and what must be known of one that there is."""

from collections.abc import Collection
from urllib.parse import quote, unquote

SEPARATOR = "; "
# Written as they are within a value; the marks of the code itself are not among them.
PLAIN = ",'()/"


def reason(code: str, *values: str | float) -> str:
    """Write a code with its values, such as names or numbers.

    Parameters
    ----------
    code : str
        In snake_case.
    *values : str or number
        Numbers are written with up to six digits. Marks that could be taken for parts of the code,
        and spaces, are percent-escaped in text.

    Examples
    --------
    >>> reason("no_event", "dropout", "repaired"), reason("hardly_tested", 0.1)
    ('no_event:dropout:repaired', 'hardly_tested:0.1')
    >>> reason("left_out", "pain: now; later")
    'left_out:pain%3A%20now%3B%20later'
    """
    texts = (quote(value, PLAIN) if isinstance(value, str) else f"{value:g}" for value in values)
    return ":".join([code, *texts])


def rounded(share: float, digits: int = 0) -> float:
    """Round a share so that it has so many digits in per cent, as it will be shown.

    Examples
    --------
    >>> rounded(1 / 3), rounded(1 / 3, 1)
    (0.33, 0.333)
    """
    return round(round(100.0 * float(share), digits) / 100.0, digits + 2)


def joined(*reasons: str) -> str:
    """Write several reasons one after the other; empty ones are left out.

    Examples
    --------
    >>> joined("too_few_sessions", "", "no_event:dropout:repaired")
    'too_few_sessions; no_event:dropout:repaired'
    """
    return SEPARATOR.join(filter(None, reasons))


def parsed(reasons: str) -> list[tuple[str, tuple[str, ...]]]:
    """Read reasons: each code with its values.

    Examples
    --------
    >>> parsed("too_few_sessions; left_out:pain%3A%20now")
    [('too_few_sessions', ()), ('left_out', ('pain: now',))]
    """
    split = (one.split(":") for one in reasons.split(SEPARATOR) if one)
    return [(code, tuple(unquote(value) for value in values)) for code, *values in split]


def without(reasons: str, codes: Collection[str]) -> str:
    """Leave out the reasons with some codes.

    Examples
    --------
    >>> without("too_few_sessions; left_out:x", ["left_out"])
    'too_few_sessions'
    """
    return joined(*(one for one in reasons.split(SEPARATOR) if one.split(":")[0] not in codes))


# They say what the reasons after them are reasons for.
NOT_ESTIMABLE, NO_TEST, NO_INTERVAL = (
    reason("not_estimable"),
    reason("no_test"),
    reason("no_interval"),
)
NOT_CONVERGED = reason("not_converged")
