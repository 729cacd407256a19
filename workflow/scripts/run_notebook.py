"""Run a notebook on the results of the study."""

from pathlib import Path

from rupture_outcome.pages.notebook_page import to_html
from rupture_outcome.pages.notebooks import as_text, run_notebook
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_text

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        results = Path(snakemake.output.ipynb).parents[1]
        notebook = run_notebook(Path(snakemake.input.source), results)
        write_text(as_text(notebook), snakemake.output.ipynb)
        write_text(to_html(notebook), snakemake.output.html)
