"""Published tables as files: written in the types that they declare, and read back the same."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from rupture_outcome.disclosure import SMALL, Column, protect
from rupture_outcome.look.formats import count_text
from rupture_outcome.look.look import Look
from rupture_outcome.products.product import Product
from rupture_outcome.products.registry import product
from rupture_outcome.study.writing import read_csv

TYPES = {"count": "integer", "difference": "integer", "flag": "boolean"}
TEXTS = ("code", "text")


def published(product: Product, frames: dict[str, pd.DataFrame], look: Look) -> pd.DataFrame:
    """Make the table of a product from its raw frames, as it may leave.

    Parameters
    ----------
    product : Product
        With `columns`.
    frames : dict of str to DataFrame
        Raw frames by argument, and published ones by the name of their product.
    look : Look
        Of the study.
    """
    made = product.make(look, **frames) if product.make else next(iter(frames.values()))
    missing = [column.name for column in product.columns if column.name not in made]
    if missing:
        raise ValueError(f"{product.name} lacks the columns {', '.join(missing)}")
    shown = protect(
        made.reset_index(drop=True), product.columns, look.threshold, product.categories
    ).reset_index(drop=True)
    return product.after(shown) if product.after else shown


def cells_of(frame: pd.DataFrame, columns: Iterable[Column]) -> pd.DataFrame:
    """Write counts as text, a small one as "≤10"; all else stays."""
    out = frame.copy()
    for column in columns:
        if column.kind in ("count", "difference"):
            texts = [
                "" if pd.isna(n) else count_text(n).replace(",", "") for n in frame[column.name]
            ]
            out[column.name] = pd.Series(texts, index=frame.index, dtype=object)
    return out


def read_table(results: Path, name: str) -> pd.DataFrame:
    """Read the table of a product as it was published, in its declared types.

    Parameters
    ----------
    results : Path
        ``results/<study>``.
    name : str
        Of the product.

    Returns
    -------
    DataFrame
        Counts as Int64, "≤10" as -10; codes and texts as text, missing where empty.
    """
    declared = product(name)
    leaving = [column for column in declared.columns if column.kind != "basis"]
    texts = {c.name: str for c in leaving if c.kind in (*TEXTS, *TYPES)}
    frame = read_csv(results / f"{declared.csv}.csv", dtype=texts)
    for column in leaving:
        if column.name not in frame:
            continue
        if column.kind in ("count", "difference"):
            frame[column.name] = _counts(frame[column.name])
        elif column.kind == "flag":
            frame[column.name] = frame[column.name].eq("True")
    return frame


def _counts(texts: pd.Series) -> pd.Series:
    signed = texts.astype("string").str.replace(SMALL, "-", regex=False)
    return pd.to_numeric(signed).astype("Int64")
