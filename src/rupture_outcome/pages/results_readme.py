"""What each result file is: `results/README.md`, written from the declarations of the products."""

import sys
from pathlib import Path

from rupture_outcome.products.product import Product
from rupture_outcome.products.registry import products

HEAD = """# Results

A run writes `results/<name of the study>/`. Only this page is in git; `make docs` writes it from
`src/rupture_outcome/products/`. Same input and config give the same bytes.

| file | what it is |
|---|---|
| `report.html` | the report: the answer, then how it was reached; one file, opens without a network |
| `study.json` | name, title, size and choices of the study |
| `datapackage.json` | every table with its fields, units, types and missing codes (Frictionless Data Package) |
| `checks.csv` | one row a check: did it pass, and what was found |
| `manifest.json` | checksums of inputs and products, versions, digest of the config |
| `notebooks/*.html`, `.ipynb` | the notebooks, run on this study |
"""

TAIL = """| `logs/**/*.log` | what each rule said; holds no identifiers and no counts of persons |
| `study/read`, `study/clean`, `study/scored` | the study's tables in the names of the contract: as read, cleaned, scored |
| `coding/ruptures.parquet` | a row a session and definition: detected, not detected or not testable, and why |
| `coding/scales.csv` | the constants that were estimated once for the study (SD, reliability, thresholds) |
| `coding/episodes.parquet` | a row a rupture and repair rule: onset, nadir, depth, length, repair |
| `coding/states.parquet` | a row a session: intact, unrepaired or repaired, from what was known by then |
| `coding/*.parquet`, `models/*.parquet` | what tables are made from, before anything is rounded |
| `models/person_sessions.parquet` | the risk set: a row a patient and session at which the treatment might end |
| `models/hazard.json`, `models/*_fits.json` | each fitted model with what is needed to judge its convergence |

`study/`, `coding/` and `models/` hold data of persons and exact counts: they stay where the data are. What is meant to be
passed on – report, tables, figures, notebooks, `flow.csv`, `checks.csv`, `manifest.json`, logs – is rounded by one rule:
a count is 0, "≤10" or the nearest multiple of 10 (the threshold of the config), shares and curves follow from such
counts, and an estimate that rests on 1 to 10 persons or events in one arm is withheld. Simulated studies show exact
numbers; with a threshold of 0, every page says that it is not for passing on.
"""


def readme() -> str:
    """Give the page as Markdown.

    Examples
    --------
    >>> [line for line in readme().splitlines() if line.startswith("| `flow.csv`")][0][:40]
    '| `flow.csv`, `tables/flow.html`, `figur'
    """
    lines = [f"| {files_of(product)} | {product.about} |" for product in products().values()]
    return HEAD + "\n".join(lines) + "\n" + TAIL


def files_of(product: Product) -> str:
    """Name the files of a product, below ``results/<study>``."""
    files = [f"{product.csv}.csv"] if product.columns else []
    files += [f"tables/{product.name}.html"] if product.lay_out else []
    files += [f"figures/{product.name}.svg"] if product.draw else []
    return ", ".join(f"`{file}`" for file in files)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(readme(), encoding="utf-8")
