"""Linear algebra that gives the same bytes, whatever the number of cores."""

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

P = ParamSpec("P")
R = TypeVar("R")


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def steady(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function with one thread of linear algebra.

    Threads add in an order that depends on their number. They also wait for each other in a busy
    loop, which on cores shared with other work costs far more than they gain on narrow matrices.

    Examples
    --------
    >>> @steady
    ... def double(x: int) -> int:
    ...     return 2 * x
    >>> double(2)
    4
    """

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with _controller().limit(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited
