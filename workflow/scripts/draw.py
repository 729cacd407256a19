"""Draw one figure from published tables."""

from pathlib import Path

from rupture_outcome.look.look import Look
from rupture_outcome.look.style import save_figure
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.products.registry import needed, product
from rupture_outcome.products.tables import read_table


def draw(name: str, results: Path, look: Look, stem: Path) -> None:
    declared = product(name)
    figure, title, alt = declared.draw(
        {one: read_table(results, one) for one in needed(declared)}, look
    )
    save_figure(figure, stem, title, alt)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        draw(
            snakemake.params.product,
            Path(snakemake.output.svg).parents[1],
            Look(**snakemake.params.look),
            stem=Path(snakemake.output.svg).with_suffix(""),
        )
