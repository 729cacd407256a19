"""docs/data-contract.md is written from the contract."""

from pathlib import Path

from rupture_outcome.pages.contract_page import page
from rupture_outcome.study.contract import TABLES, names

ROOT = Path(__file__).parents[3]


def test_the_page_is_that_of_the_contract() -> None:
    written = (ROOT / "docs" / "data-contract.md").read_text(encoding="utf-8")
    assert written == page(), "make docs writes it anew"


def test_every_column_of_every_table_is_told() -> None:
    assert all(f"| `{name}`" in page() for table in TABLES for name in names(table))
