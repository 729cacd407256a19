"""Write what everything was made from, and checksums of what was made."""

import json
from pathlib import Path

from rupture_outcome.pipeline.integrity import checksums, stop_if_changed
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.pipeline.provenance import manifest
from rupture_outcome.study.writing import write_json


def describe(inputs: str, products: list[str], results: Path, config: dict) -> dict:
    read = json.loads(Path(inputs).read_text(encoding="utf-8"))
    stop_if_changed(read, config["study"]["data"])
    return manifest(inputs=read, products=checksums(products, results), config=config)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        made = describe(
            inputs=snakemake.input.inputs,
            products=[*snakemake.input.products, *snakemake.input.notebooks],
            results=Path(snakemake.output.manifest).parent,
            config=snakemake.params.config,
        )
        write_json(made, snakemake.output.manifest)
