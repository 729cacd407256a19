"""All products, found by their files; reading them imports no drawing library."""

from functools import cache
from importlib import import_module
from pathlib import Path

from rupture_outcome.products.product import Product

HERE = Path(__file__).parent
NO_PRODUCTS = {"__init__", "product", "registry", "tables", "package", "study_card"}


@cache
def products() -> dict[str, Product]:
    """Give every product by name, in the order of their files.

    A module declares one ``PRODUCT``, or several ``PRODUCTS`` where they differ in a number only.
    """
    return {product.name: product for module in _modules() for product in _declared(module)}


def product(name: str) -> Product:
    """Give one product; where a file has its name, no other is read."""
    found = _declared(name) if name in _modules() else tuple(products().values())
    return next(product for product in found if product.name == name)


@cache
def home(name: str) -> Path:
    """File that declares a product."""
    if name in _modules():
        return HERE / f"{name}.py"
    found = (m for m in _modules() for product in _declared(m) if product.name == name)
    return HERE / f"{next(found)}.py"


@cache
def _modules() -> list[str]:
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NO_PRODUCTS)


def _declared(module: str) -> tuple[Product, ...]:
    found = import_module(f"{__package__}.{module}")
    return tuple(getattr(found, "PRODUCTS", ())) or (found.PRODUCT,)


def tables() -> dict[str, Product]:
    """Give the products that are a table, by name."""
    return {name: product for name, product in products().items() if product.columns}


def laid_out() -> dict[str, Product]:
    """Give the products that are read as a table, by name."""
    return {name: product for name, product in products().items() if product.lay_out}


def figures() -> dict[str, Product]:
    """Give the products that are drawn, by name."""
    return {name: product for name, product in products().items() if product.draw}


def needed(product: Product) -> list[str]:
    """Names of the tables that laying out or drawing a product reads, its own first."""
    return [*([product.name] if product.columns else []), *product.reads]
