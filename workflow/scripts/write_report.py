"""Write the report."""

from pathlib import Path

from rupture_outcome.pages.report import write_report
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import write_text

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        report = Path(snakemake.output.report)
        write_text(write_report(report.parent), report)
