"""Lay out one published table as HTML."""

from pathlib import Path

from rupture_outcome.look.look import Look
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.products.registry import needed, product
from rupture_outcome.products.tables import read_table
from rupture_outcome.study.writing import write_text


def lay_out(name: str, results: Path, look: Look) -> str:
    declared = product(name)
    return declared.lay_out({one: read_table(results, one) for one in needed(declared)}, look)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        html = lay_out(
            snakemake.params.product,
            Path(snakemake.output.html).parents[1],
            Look(**snakemake.params.look),
        )
        write_text(html, snakemake.output.html)
