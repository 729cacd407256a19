"""Code a few selected courses under every definition; none where single courses may not be shown.

Inputs: sessions (scored), ratings and markers (clean), ruptures, scales, optionally truth (a CSV of
latent states, of a simulated study). Params: study, disclosure, instruments, coding. Output: cases.
"""

import pandas as pd

from rupture_outcome.estimates.cases.cases import coded_cases, no_cases
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_csv, write_parquet


def code(
    files: dict[str, str], study: dict, disclosure: dict, instruments: dict, coding: dict
) -> pd.DataFrame:
    if not (study["simulated"] or disclosure["individual_courses"]):
        return no_cases()
    tables = {name: pd.read_parquet(files[name]) for name in ("sessions", "ratings", "ruptures")}
    return coded_cases(
        **tables,
        scales=read_csv(files["scales"]),
        instruments=instruments,
        coding=coding,
        markers=pd.read_parquet(files["markers"]),
        truth=pd.read_csv(files["truth"]) if "truth" in files else None,
    )


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        cases = code(
            dict(snakemake.input.items()),
            study=snakemake.params.study,
            disclosure=snakemake.params.disclosure,
            instruments=snakemake.params.instruments,
            coding=snakemake.params.coding,
        )
        write_parquet(cases, snakemake.output.cases)
        print("courses coded under every definition, where single courses may be shown")
