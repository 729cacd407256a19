"""The distinct texts of many columns at once, so that each is looked at once, however often."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NUMBER = r"^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?$"
_WHOLE = r"^[+-]?\d+([.,]0*)?$"
# What most identifiers of a study look like: nobody is told by P0001 or S3.
_HARMLESS = r"^(\pL_?\d{1,5}|\pL{0,3}[-_]?\d{1,3})?$"
_ALL_NINES = r"^-?9+$"  # a code for missing answers, however long
FEW = 1000  # texts are looked at one by one sooner than an expression is made ready


@dataclass(frozen=True)
class Distinct:
    """Distinct texts, and which column has which.

    Parameters
    ----------
    texts : Array, shape (n,)
        Without white space around them.
    names : list of str
        Columns that hold any.
    codes : array of int, shape (m,)
        Position in `texts` of each distinct text of each column, column by column.
    starts : array of int, shape (columns + 1,)
        Where the codes of a column begin, and the last end.
    is_number : array of bool, shape (n,)
    amounts : array of float, shape (n,)
        NaN where it is no number.
    digits : array of int, shape (n,)
        Digits of a whole number as it is written, 0 for others.
    is_suspect : array of bool, shape (n,)
        Neither a number nor what most identifiers of a study look like.
    """

    texts: pa.Array
    names: list[str]
    codes: np.ndarray
    starts: np.ndarray
    is_number: np.ndarray
    amounts: np.ndarray
    digits: np.ndarray
    is_suspect: np.ndarray

    def own(self, place: int) -> np.ndarray:
        """Positions in `texts` of the distinct texts of a column."""
        return self.codes[self.starts[place] : self.starts[place + 1]]

    def columns_with(self, held: np.ndarray) -> np.ndarray:
        """Places of the columns that have any of the texts that are marked."""
        if not len(self.names) or not held.any():
            return np.array([], dtype=np.int64)
        return np.flatnonzero(np.logical_or.reduceat(held[self.codes], self.starts[:-1]))

    def matching(self, pattern: str) -> np.ndarray:
        """Mark suspect texts that match an RE2 expression; where there are few, all of them."""
        if self.is_suspect.sum() <= FEW:
            return self.is_suspect
        return _matches(self.texts, pattern) & self.is_suspect


def distinct(columns: Mapping[str, Any]) -> Distinct:
    """Collect the distinct texts of columns.

    Parameters
    ----------
    columns : mapping of str to Categorical
        Texts; each column by name.
    """
    held = {name: column for name, column in columns.items() if len(column.categories)}
    parts = [pa.array(c.categories.array, type=pa.large_string()) for c in held.values()]
    whole = pa.chunked_array(parts, type=pa.large_string()).combine_chunks()
    coded = pc.dictionary_encode(pc.fill_null(whole, ""))
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    texts = pc.utf8_trim_whitespace(coded.dictionary)
    is_number = _matches(texts, _NUMBER)
    starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    codes = coded.indices.to_numpy(zero_copy_only=False)
    amounts, digits = _read(texts, is_number)
    suspect = ~is_number & ~_matches(texts, _HARMLESS)
    return Distinct(texts, list(held), codes, starts, is_number, amounts, digits, suspect)


def _matches(texts: pa.Array, pattern: str) -> np.ndarray:
    return np.asarray(pc.match_substring_regex(texts, pattern))


def _read(texts: pa.Array, is_number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values = np.full(len(texts), np.nan)
    digits = np.zeros(len(texts), dtype=np.int64)
    numbers = texts.filter(pa.array(is_number))
    plain = pc.replace_substring(pc.utf8_ltrim(numbers, characters="+"), ",", ".")
    values[is_number] = plain.cast(pa.float64()).to_numpy(zero_copy_only=False)
    whole = _matches(numbers, _WHOLE)
    before = pc.replace_substring_regex(numbers, r"[.,]0*$|[+-]", "")
    length = pc.utf8_length(before).to_numpy(zero_copy_only=False)
    nines = _matches(numbers, _ALL_NINES)
    digits[is_number] = np.where(whole & ~nines, length, 0)
    values[is_number] = np.where(nines, np.nan, values[is_number])
    return values, digits
