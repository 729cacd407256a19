"""Write what everything was made from, and checksums of what was made."""

from pathlib import Path

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.pipeline.provenance import manifest
from rupture_outcome.study.writing import write_json


def describe(study: list[str], products: list[str], results: Path, config: dict) -> dict:
    return manifest(
        inputs={Path(file).name: Path(file) for file in study},
        products={Path(file).relative_to(results).as_posix(): Path(file) for file in products},
        config=config,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        made = describe(
            study=snakemake.input.study,
            products=[*snakemake.input.products, *snakemake.input.notebooks],
            results=Path(snakemake.output.manifest).parent,
            config=snakemake.params.config,
        )
        write_json(made, snakemake.output.manifest)
