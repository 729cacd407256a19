"""Run a notebook on the results of the study."""

from pathlib import Path

from rupture_outcome.pages.notebook_page import to_html
from rupture_outcome.pages.notebooks import as_text, run_notebook
from rupture_outcome.pipeline.logs import logged

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        results = Path(snakemake.output.ipynb).parents[1]
        notebook = run_notebook(Path(snakemake.input.source), results)
        Path(snakemake.output.ipynb).write_text(as_text(notebook), encoding="utf-8")
        Path(snakemake.output.html).write_text(to_html(notebook), encoding="utf-8")
