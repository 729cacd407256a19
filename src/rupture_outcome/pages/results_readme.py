"""What each result file is: `results/README.md`, written from the declarations of the products."""

import sys
from pathlib import Path

from rupture_outcome.products.product import Product
from rupture_outcome.products.registry import products

PAGE = Path(__file__).with_name("results_readme.md")


def readme() -> str:
    """Give the page as Markdown.

    Examples
    --------
    >>> [line for line in readme().splitlines() if line.startswith("| `flow.csv`")][0][:40]
    '| `flow.csv`, `tables/flow.html`, `figur'
    """
    lines = [f"| {files_of(product)} | {product.about} |" for product in products().values()]
    return PAGE.read_text(encoding="utf-8").replace("<products>", "\n".join(lines))


def files_of(product: Product) -> str:
    """Name the files of a product, below ``results/<study>``."""
    files = [f"{product.csv}.csv"] if product.columns else []
    files += [f"tables/{product.name}.html"] if product.lay_out else []
    files += [f"figures/{product.name}.svg"] if product.draw else []
    return ", ".join(f"`{file}`" for file in files)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(readme(), encoding="utf-8")
