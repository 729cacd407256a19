"""Keyed pseudonyms: the same person is the same, and nobody without the key can say who."""

import base64
import hmac
import os
import secrets
import stat
import unicodedata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.study.gate.look import as_texts

LETTERS = 10  # 50 bits: two of 100,000 persons get the same with a chance of 4 in a million
KEY_BYTES = 32
BANDS = (0, 18, 30, 45, 60, 75, 90)


def pseudonymise(values: pd.Series, key: bytes, prefix: str) -> pd.Series:
    """Replace identifiers by pseudonyms: the start of HMAC-SHA256 under a key, in base32.

    Base32 has no 0, 1, 8 and 9, so that no pseudonym can be taken for a date or a year.

    Parameters
    ----------
    values : Series
        Identifiers of any type; 7 and "7" are the same, white space around them does not count.
    key : bytes
        From `read_or_make_key`.
    prefix : str
        Begins each pseudonym, and makes those of patients and therapists of one name differ.

    Returns
    -------
    Series of str
        Missing where the identifier is missing. The same value has the same pseudonym in every
        table.

    Raises
    ------
    StudyError
        Two identifiers would get one pseudonym, or there is hardly a key.

    Examples
    --------
    >>> pseudonymise(pd.Series(["Q71", None, "Q71 "]), b"k" * 32, "P").tolist()
    ['PTE2RJEVXXD', nan, 'PTE2RJEVXXD']
    """
    if len(key) < KEY_BYTES:
        found = f"expected a key of {KEY_BYTES} bytes or more"
        raise StudyError([Problem("the key", found, "let rupture-outcome pseudonymise make it")])
    column = as_texts(values)
    texts = [unicodedata.normalize("NFC", text.strip()) for text in column.categories]
    made = [_token(text, key, prefix) if text else None for text in texts]
    told = {text: token for text, token in zip(texts, made, strict=True) if text}
    if len(set(told.values())) < len(told):
        found = "two identifiers would get the same pseudonym"
        raise StudyError([Problem("pseudonyms", found, "use another key, in every table")])
    distinct = pd.Series([*made, None], dtype="str")
    return pd.Series(distinct.array.take(np.asarray(column.codes)), values.index, name=values.name)


def _token(text: str, key: bytes, prefix: str) -> str:
    digest = hmac.digest(key, f"{prefix}\0{text}".encode(), "sha256")
    return prefix + base64.b32encode(digest).decode("ascii")[:LETTERS]


def read_or_make_key(path: Path | str, study: Path | str | None = None) -> bytes:
    """Read the key of a study's pseudonyms, or make one where there is none.

    Parameters
    ----------
    path : path
        A file that only its owner may read (mode 600). It belongs to a place that is backed up and
        that those who get the study cannot read: with it, pseudonyms can be told from identifiers.
    study : path, optional
        The study's folder, in which the key must not lie.

    Raises
    ------
    StudyError
        Others may read the file, it lies in the study, or it holds no key.
    """
    path = Path(path).expanduser().resolve()
    if study is not None and path.is_relative_to(Path(study).expanduser().resolve()):
        raise _stop("the key must not lie in the study's folder", "give a path outside of it")
    if not path.exists():
        return _made(path)
    if not path.is_file():
        raise _stop("this is no file", "give the path of a file")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise _stop("others may read this file", "make it yours alone: chmod 600, on that file")
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        remedy = "give the file that rupture-outcome made, or a path where there is none yet"
        raise _stop("this file holds no key", remedy)
    return key


def _made(path: Path) -> bytes:
    key = secrets.token_bytes(KEY_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key.hex() + "\n")
    return key


def _stop(found: str, remedy: str) -> StudyError:
    return StudyError([Problem("the key's file", found, remedy)])


def age_bands(ages: pd.Series) -> pd.Series:
    """Put ages in bands; what is no age is missing.

    >>> age_bands(pd.Series([17, 44.5, "93", None])).tolist()
    ['0-17', '30-44', '90+', nan]
    """
    years = pd.to_numeric(ages, errors="coerce").astype(float)
    labels = [f"{low}-{high - 1}" for low, high in pairwise(BANDS)]
    cut = pd.cut(years, [*BANDS, 150], right=False, labels=[*labels, f"{BANDS[-1]}+"])
    return cut.astype("str").where(cut.notna())


def postcode_regions(postcodes: pd.Series) -> pd.Series:
    """Keep the first two characters of postcodes.

    A number that has lost its zero (1067 for 01067) cannot be told from a shorter postcode: give
    texts.

    >>> postcode_regions(pd.Series(["01067", "SW1A 1AA", None])).tolist()
    ['01', 'SW', nan]
    """
    texts = postcodes.astype("str").str.strip()
    return texts.str.slice(0, 2).where(postcodes.notna())
