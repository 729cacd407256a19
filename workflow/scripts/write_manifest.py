"""Write what everything was made from, and checksums of what was made."""

import json
from pathlib import Path

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.pipeline.provenance import manifest


def describe(study: list[str], products: list[str], results: Path, config: dict) -> str:
    made = manifest(
        inputs={Path(file).name: Path(file) for file in study},
        products={Path(file).relative_to(results).as_posix(): Path(file) for file in products},
        config=config,
    )
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        text = describe(
            study=snakemake.input.study,
            products=[*snakemake.input.products, *snakemake.input.notebooks],
            results=Path(snakemake.output.manifest).parent,
            config=snakemake.params.config,
        )
        Path(snakemake.output.manifest).write_text(text, encoding="utf-8")
