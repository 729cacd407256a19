"""Tables as they leave and are read back."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from rupture_outcome.look.look import Look
from rupture_outcome.products.registry import products
from rupture_outcome.products.tables import cells_of, published, read_table

Publish = Callable[..., pd.DataFrame]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Make the table of a product from raw frames, write it, and read it back."""

    def table(name: str, look: Look, **frames: pd.DataFrame) -> pd.DataFrame:
        product = products()[name]
        file = tmp_path / f"{product.csv}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        cells_of(published(product, frames, look), product.columns).to_csv(file, index=False)
        return read_table(tmp_path, name)

    return table
