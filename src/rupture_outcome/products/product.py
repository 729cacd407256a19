"""What a published product is: declared once, in a file of its own name in this room."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from rupture_outcome.disclosure import Categories, Column
from rupture_outcome.look.look import Look

Tables = Mapping[str, pd.DataFrame]


class Drawing(NamedTuple):
    """A figure with its title, and what it shows for those who cannot see it."""

    figure: Any
    title: str
    alt: str


@dataclass(frozen=True)
class Product:
    """A table, a figure, or both.

    Parameters
    ----------
    name : str
        Of the file in `products/`, of the table and of the figure.
    about : str
        One sentence: what it shows.
    raw : mapping of str to str
        Argument of `make` and the file below ``results/<study>`` that it is read from.
    make : callable
        ``make(look, **frames)`` gives the tidy frame before anything is rounded; by default the
        only frame of `raw`.
    columns : sequence of Column
        What the CSV file holds, in order.
    after : callable, optional
        ``after(frame)`` puts in, from the others as they may leave, columns that follow from them.
    categories : Categories, optional
        Labels of small groups to be joined.
    reads : sequence of str
        Other products whose tables `make`, `lay_out` or `draw` use, as published.
    settings : sequence of str
        Parts of the config that stand in ``look.settings``.
    lay_out : callable, optional
        ``lay_out(tables, look)`` gives the table as HTML; ``tables`` holds the published frames
        of this product and of `reads`.
    draw : callable, optional
        ``draw(tables, look)`` gives the `Drawing`. It imports matplotlib itself: the registry is
        read by every rule.
    file : str
        Of the CSV below ``results/<study>``, without its ending.
    """

    name: str
    about: str
    raw: Mapping[str, str] = field(default_factory=dict)
    make: Callable[..., pd.DataFrame] | None = None
    columns: Sequence[Column] = ()
    after: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    categories: Categories | None = None
    reads: Sequence[str] = ()
    settings: Sequence[str] = ()
    lay_out: Callable[[Tables, Look], str] | None = None
    draw: Callable[[Tables, Look], Drawing] | None = None
    file: str = ""

    @property
    def csv(self) -> str:
        """File of the table below ``results/<study>``, without its ending; empty for a figure."""
        if not self.columns:
            return ""
        return self.file or f"tables/{self.name}"

    def labels(self, *names: str) -> dict[str, str]:
        """Headings of some columns of the table, in the order given."""
        label = {column.name: column.label for column in self.columns}
        return {name: label[name] for name in names}
