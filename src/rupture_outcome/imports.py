"""Imports without the parts that are slow and not needed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*modules: str) -> Iterator[None]:
    """Import inside this block as if these optional modules were not installed.

    Parameters
    ----------
    *modules : str
        Names of modules that what is imported can do without; those loaded already stay.

    Examples
    --------
    >>> with without("rfc3987_syntax"):  # jsonschema's grammar of IRIs: seconds
    ...     import jsonschema
    """
    hidden = dict.fromkeys(name for name in modules if name not in sys.modules)
    sys.modules.update(hidden)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
