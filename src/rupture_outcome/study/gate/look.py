"""Every column of a file is looked at: its texts, its numbers, and its name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from rupture_outcome.study.gate import dates, persons, places, reach, registers  # noqa: F401
from rupture_outcome.study.gate.detector import Detector, in_order
from rupture_outcome.study.gate.distinct import Distinct, distinct
from rupture_outcome.study.gate.finding import Finding
from rupture_outcome.study.gate.free_text import ADVICE, WHY, WORDS, free_texts
from rupture_outcome.study.gate.names import is_identifying, is_of_ages, is_of_free_text
from rupture_outcome.study.gate.numbers import Numbers, look, suspects

MOST = 0.8  # of the texts of one shape
SEVERAL = 3

ANNOUNCED = (
    "by its name this column holds dates, free text, or what identifies persons or tells where "
    "they can be reached; nothing that does may enter"
)
RENAME = "rename it, in file and dictionary; persons appear under pseudonyms only"
REMOVE = (
    "remove the column from the file and from the dictionary; patients and therapists appear under "
    "pseudonyms only"
)

Columns = Mapping[str, Any]  # pandas' stubs cannot say: a Categorical of texts
# Column, which of its distinct texts, kind, why, advice.
Found = tuple[str, np.ndarray, str, str, str]


def findings(frame: pd.DataFrame, file: str, accept: Mapping[str, str]) -> list[Finding]:
    """Say what in a table, or in the names of its file and columns, identifies persons.

    Parameters
    ----------
    frame : DataFrame
        Values of any type; its index labels the rows in the findings.
    file : str
        Name of the file.
    accept : mapping of str to str
        Columns (or the file) that are let through, each with a written reason.

    Returns
    -------
    list of Finding
        In order of the columns; none holds a value.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["a.m@clinic.org", "P2"], "score": [3, 4]})
    >>> [(f.column, f.kind, list(f.rows)) for f in findings(frame, "a.csv", {})]
    [('code', 'e_mail', [0])]
    """
    columns = {str(name): as_texts(frame.iloc[:, i]) for i, name in enumerate(frame.columns)}
    return [
        one for one in text_findings(columns, frame.index.to_numpy(), file) if one.key not in accept
    ]


def text_findings(columns: Columns, labels: np.ndarray, file: str) -> list[Finding]:
    """Say what identifies persons in columns of texts, accepted or not.

    Parameters
    ----------
    columns : mapping of str to Categorical
        Each shape (rows,).
    labels : array, shape (rows,)
        Of the rows.
    file : str
    """
    texts = distinct(columns)
    found: dict[str, list[Finding]] = {}
    told: dict[str, np.ndarray] = {}
    for name, which, kind, why, advice in _all(texts, columns):
        new = which & ~told.get(name, np.zeros(len(which), dtype=bool))
        told[name] = which | told.get(name, which)
        rows = labels[_rows(columns[name], new)]
        if len(rows):
            one = Finding(file, name, rows.tolist(), kind, why, advice, name)
            found.setdefault(name, []).append(one)
    by_column = [one for name in columns for one in found.get(name, [])]
    return [*file_findings(file), *column_name_findings(list(columns), file), *by_column]


def file_findings(file: str) -> list[Finding]:
    """Say whether the name of a file identifies a person; it is not repeated then.

    >>> [(f.file, f.kind) for f in file_findings("Meier, Anna.csv")]
    [('the file', 'name_of_file')]
    """
    kind = kinds_of_names([file.rpartition(".")[0] or file])[0]
    why = f"its name looks like what identifies a person ({kind})"
    return [Finding("the file", None, [], "name_of_file", why, RENAME, file)] if kind else []


def column_name_findings(names: Sequence[str], file: str) -> list[Finding]:
    """Say which names of columns announce an identifier, or are one; the latter are not repeated.

    Parameters
    ----------
    names : sequence of str
    file : str

    Examples
    --------
    >>> found = column_name_findings(["Geburtsjahr", "Meier, Anna", "wai_01"], "x.csv")
    >>> [(f.column, f.why[:28]) for f in found]
    [('Geburtsjahr', 'by its name this column hold'), (None, 'the name of column 2 looks l')]
    """
    out = []
    for place, (name, kind) in enumerate(zip(names, kinds_of_names(names), strict=True), 1):
        if kind:
            why = f"the name of column {place} looks like what identifies a person ({kind})"
            out.append(Finding(file, None, [], "name_of_column", why, RENAME, name))
        elif is_identifying(name) or is_of_free_text(name):
            out.append(Finding(file, name, [], "name_of_column", ANNOUNCED, REMOVE, name))
    return out


def kinds_of_names(names: Sequence[str]) -> list[str | None]:
    """Say which kind of identifier each of some names looks like.

    >>> kinds_of_names(["a.m@clinic.org", "wai_01", "patients", "1978"])
    ['e_mail', None, None, 'birth_year']
    """
    out: list[str | None] = [None] * len(names)
    for spaced in (False, True):
        read = [name.replace("_", " ") if spaced else name for name in names]
        texts = distinct({"names": pd.Categorical(read)})
        at = {text: place for place, text in enumerate(pd.Categorical(read).categories)}
        own = texts.own(0) if names else np.array([], dtype=np.int64)
        for one in in_order():
            if not (spaced and one.by_shape):
                held = _confirmed(texts, texts.matching(one.pattern), one.confirm)[own]
                which = _of_one_shape(texts, own, held) if one.by_shape else held
                _note(out, [which[at[text]] for text in read], one.kind)
        for place in np.flatnonzero(texts.is_number[own]):
            single = _of_numbers(texts, own[[place]], "", alone=True)
            for _, kind, _, _ in look(single):
                _note(out, [at[text] == place for text in read], kind)
    return out


def shown_names(names: Sequence[str]) -> list[str]:
    """Name columns as they may be shown: by their position where the name identifies a person.

    >>> shown_names(["wai_01", "Meier, Anna"])
    ['wai_01', 'column 2']
    """
    found = zip(names, kinds_of_names(names), strict=True)
    return [f"column {place}" if kind else name for place, (name, kind) in enumerate(found, 1)]


def _note(out: list[str | None], which: Sequence[bool], kind: str) -> None:
    for place, held in enumerate(which):
        if held and out[place] is None:
            out[place] = kind


def as_texts(column: pd.Series) -> Any:
    """Write a column of any type as texts; nothing where it is missing.

    >>> list(as_texts(pd.Series([1.0, 2.0, None])).categories)
    ['1', '2']
    """
    if isinstance(column.dtype, pd.CategoricalDtype) and _is_text(column.cat.categories):
        return column.array
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        column = column.astype("Float64").round().astype("Int64")
    texts = column.astype("str").where(column.notna())
    return pd.Categorical(texts)


def _is_text(index: pd.Index) -> bool:
    return pd.api.types.is_string_dtype(index.dtype)


def _rows(column: pd.Categorical, which: np.ndarray) -> np.ndarray:
    codes = np.asarray(column.codes)
    return np.append(which, False)[codes]  # -1, a missing one, is the last


def _all(texts: Distinct, columns: Columns) -> Iterator[Found]:
    for one in in_order():
        yield from _texts_like(texts, one)
    yield from _names_alone(texts)
    yield from _numbers(texts)
    yield from _free_texts(texts, columns)


def _texts_like(texts: Distinct, one: Detector) -> Iterator[Found]:
    near = texts.matching(one.pattern)
    held = _confirmed(texts, near, one.confirm)
    for place in texts.columns_with(held):
        own = texts.own(place)
        which = held[own]
        if one.by_shape:
            which = _of_one_shape(texts, own, which)
        if which.any():
            yield texts.names[place], which, one.kind, one.why, one.advice


def _confirmed(texts: Distinct, near: np.ndarray, test: Callable[[str], bool]) -> np.ndarray:
    held = np.zeros(len(near), dtype=bool)
    at = np.flatnonzero(near)
    held[at] = [test(text) for text in texts.texts.take(at).to_pylist()]
    return held


def _of_one_shape(texts: Distinct, own: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Keep texts of which most of the same shape are so."""
    if not which.any():
        return which
    shapes = pc.replace_substring_regex(texts.texts.take(own), r"\d", "9")
    shapes = pc.replace_substring_regex(shapes, r"\pL", "a")
    shape = pd.factorize(shapes.to_numpy(zero_copy_only=False))[0]
    share = np.bincount(shape, weights=which) / np.bincount(shape)
    return which & (share[shape] >= MOST)


def _names_alone(texts: Distinct) -> Iterator[Found]:
    """Columns of one-word names, or of "Family, Given" in a language that no list knows."""
    for pattern, test, most in (
        (r"^\pL[\pL'’-]{2,}$", persons.is_name_alone, 0.5),
        (r"^\pL[\pL'’ -]+, ?\pL[\pL'’ -]+$", persons.is_name_with_comma, MOST),
    ):
        held = _confirmed(texts, texts.matching(pattern), test)
        for place in texts.columns_with(held):
            own = texts.own(place)
            words = ~texts.is_number[own]
            if held[own].sum() >= max(SEVERAL, most * words.sum()):
                yield texts.names[place], held[own], "person_name", persons.NAMES, persons.PSEUDONYM


def _numbers(texts: Distinct) -> Iterator[Found]:
    near = texts.is_number & suspects(texts.amounts, texts.digits)
    ages = [place for place, name in enumerate(texts.names) if is_of_ages(name)]
    for place in sorted({*texts.columns_with(near).tolist(), *ages}):
        own = texts.own(place)
        number = texts.is_number[own]
        filled = pc.not_equal(texts.texts.take(own), "").to_numpy(zero_copy_only=False)
        alone = number.sum() < 0.5 * filled.sum()
        numbers = _of_numbers(texts, own[number], texts.names[place], alone=bool(alone))
        for which, kind, why, advice in look(numbers):
            out = np.zeros(len(own), dtype=bool)
            out[np.flatnonzero(number)[which]] = True
            yield texts.names[place], out, kind, why, advice


def _of_numbers(texts: Distinct, at: np.ndarray, name: str, *, alone: bool) -> Numbers:
    written = texts.texts.take(at).to_numpy(zero_copy_only=False)
    return Numbers(written, texts.amounts[at], texts.digits[at], alone, is_of_ages(name))


def _free_texts(texts: Distinct, columns: Columns) -> Iterator[Found]:
    words = pc.count_substring_regex(texts.texts, r"\pL{2,}").to_numpy(zero_copy_only=False)
    for place in texts.columns_with(words >= WORDS):
        name, own = texts.names[place], texts.own(place)
        codes = np.asarray(columns[name].codes)
        rows = np.bincount(codes[codes >= 0], minlength=len(own))
        yield name, free_texts(words[own], rows), "free_text", WHY, ADVICE
