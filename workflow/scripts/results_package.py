"""Describe the published tables, and check that they are as described."""

import json
from pathlib import Path

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.products.package import package, problems
from rupture_outcome.study.writing import write_json


def describe(results: Path) -> dict:
    descriptor = package(json.loads((results / "study.json").read_text(encoding="utf-8")))
    wrong = problems(results, descriptor)
    if wrong:
        remedy = "Remove the file and run again; if it comes back, please report it."
        raise StudyError([Problem("datapackage.json", words, remedy) for words in wrong])
    return descriptor


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        out = Path(snakemake.output.package)
        write_json(describe(out.parent), out)
