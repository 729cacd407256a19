"""Write the report."""

from pathlib import Path

from rupture_outcome.pages.report import write_report
from rupture_outcome.pipeline.logs import logged

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        report = Path(snakemake.output.report)
        report.write_text(write_report(report.parent), encoding="utf-8")
