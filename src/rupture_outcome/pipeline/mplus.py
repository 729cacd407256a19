"""Tables as Mplus reads them: numbers without a header, and an input file that names them."""

import re
import textwrap
from collections.abc import Mapping, Sequence

import pandas as pd

from rupture_outcome.look.variable_labels import Variable

LONGEST_NAME = 8
MISSING = "."
WIDEST = 80  # Mplus reads 90 characters of a line


def without_texts(
    frames: Mapping[str, pd.DataFrame],
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Replace texts, such as identifiers, by running numbers that are the same in every table.

    Parameters
    ----------
    frames : mapping of str to DataFrame

    Returns
    -------
    frames : dict of str to DataFrame
    numbers : DataFrame
        `variable`, `number`, `text`: which number stands for what.

    Examples
    --------
    >>> a, b = pd.DataFrame({"who": ["P2"]}), pd.DataFrame({"who": ["P1", None]})
    >>> frames, numbers = without_texts({"a": a, "b": b})
    >>> frames["a"]["who"].tolist(), numbers["number"].tolist()
    ([2], [1, 2])
    """
    columns = [(str(name), column) for frame in frames.values() for name, column in frame.items()]
    texts = list(dict.fromkeys(name for name, column in columns if _is_text(column)))
    known = {
        name: sorted({text for frame in frames.values() for text in _texts(frame, name)})
        for name in texts
    }
    out = {table: frame.copy() for table, frame in frames.items()}
    for name, found in known.items():
        numbers = {text: number for number, text in enumerate(found, 1)}
        for frame in out.values():
            if name in frame:
                frame[name] = frame[name].astype("object").map(numbers).astype("Int64")
    rows = [(n, number, text) for n, found in known.items() for number, text in enumerate(found, 1)]
    return out, pd.DataFrame(rows, columns=["variable", "number", "text"])


def _is_text(column: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(column)


def _texts(frame: pd.DataFrame, name: str) -> set[str]:
    if name not in frame:
        return set()
    return set(frame[name].astype("object").dropna().astype("str")) - {""}


def data_text(frame: pd.DataFrame) -> str:
    """Write numbers apart by spaces, a row a line, without a header.

    >>> print(data_text(pd.DataFrame({"a": [1, None], "b": [0.5, 2.0]}).astype({"a": "Int64"})))
    1 0.5
    . 2.0
    <BLANKLINE>
    """
    return frame.to_csv(sep=" ", header=False, index=False, na_rep=MISSING, lineterminator="\n")


def input_text(table: str, names: Sequence[str], described: Sequence[Variable]) -> str:
    """Write an input file that reads a table, with what its variables and codes mean.

    Parameters
    ----------
    table : str
        Name of the data file without its ending.
    names : sequence of str
        Of the variables, in the order of the data.
    described : sequence of Variable
    """
    listed = textwrap.fill(" ".join(names), WIDEST, initial_indent="    ", subsequent_indent="    ")
    remarks = [
        line for name, one in zip(names, described, strict=True) for line in _remark(name, one)
    ]
    return "\n".join(
        [
            f"TITLE: {table}",
            "DATA:",
            f"  FILE IS {table}.dat;",
            "VARIABLE:",
            "  NAMES ARE",
            f"{listed};",
            f"  MISSING ARE {MISSING};",
            "  ! USEVARIABLES ARE the variables of your model;",
            *remarks,
            "ANALYSIS:",
            "  TYPE IS BASIC;",
            "",
        ]
    )


def _remark(name: str, one: Variable) -> list[str]:
    meanings = ", ".join(f"{number} = {meaning}" for number, meaning in one.meanings.items())
    words = " ".join(f"{name}: {one.label}{f' ({meanings})' if meanings else ''}".split())
    plain = re.sub(r"[^\x20-\x7e–]", "?", words).replace("–", "-")
    return textwrap.wrap(plain, WIDEST, initial_indent="  ! ", subsequent_indent="  !   ")
