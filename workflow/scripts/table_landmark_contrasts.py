"""Tables: repaired against unrepaired from landmarks on, and the checks of the Cox model."""

from pathlib import Path

import pandas as pd

from rupture_outcome.look.words import name
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.publishable.landmarks import publishable_checks, publishable_contrasts
from rupture_outcome.publishable.suppress import published_counts
from rupture_outcome.tables.cox_checks import cox_checks_table
from rupture_outcome.tables.landmark_contrasts import contrasts_table


def publish_contrasts(
    contrasts: str, incidence: str, settings: dict, shown_as: dict
) -> tuple[pd.DataFrame, str]:
    disclosure, threshold = settings["disclosure"], settings["disclosure"]["threshold"]
    full = settings["study"]["simulated"] or disclosure["full_curves"]
    curves = pd.read_csv(incidence)
    shown = publishable_contrasts(pd.read_parquet(contrasts), curves, threshold, full=full)
    unit = name("clock_unit", settings["clock"])
    html = contrasts_table(shown, settings["primary"], unit=unit, threshold=threshold, **shown_as)
    return shown, html


def publish_checks(
    checks: str, flow: str, settings: dict, shown_as: dict
) -> tuple[pd.DataFrame, str]:
    known = {"patients": published_counts(pd.read_csv(flow), "patients")}
    shown = publishable_checks(pd.read_parquet(checks), settings["disclosure"]["threshold"], known)
    return shown, cox_checks_table(shown, settings["primary"], **shown_as)


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        given, params = snakemake.input, dict(snakemake.params.items())
        look = {
            "confidence": params["confidence"],
            "simulated": params["study"]["simulated"],
        }
        contrasts, html = publish_contrasts(given.contrasts, given.incidence, params, look)
        contrasts.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
        checks, html = publish_checks(given.checks, given.flow, params, look)
        checks.to_csv(snakemake.output.checks_csv, index=False)
        Path(snakemake.output.checks_html).write_text(html, encoding="utf-8")
