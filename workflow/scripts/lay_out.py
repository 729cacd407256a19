"""Lay out one published table as HTML."""

from pathlib import Path

from rupture_outcome.look.look import Look
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.products.registry import needed, products
from rupture_outcome.products.tables import read_table
from rupture_outcome.study.writing import write_text


def lay_out(name: str, results: Path, look: Look) -> str:
    product = products()[name]
    return product.lay_out({one: read_table(results, one) for one in needed(product)}, look)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        html = lay_out(
            snakemake.params.product,
            Path(snakemake.params.results),
            Look(**snakemake.params.look),
        )
        write_text(html, snakemake.output.html)
