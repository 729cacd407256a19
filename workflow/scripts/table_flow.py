"""Table: flow of persons and sessions, with small steps joined."""

from pathlib import Path

import pandas as pd

from rupture_outcome.disclosure import publishable_flow
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.tables.flow import flow_table


def publish(parts: list[str], study: dict, disclosure: dict) -> tuple[pd.DataFrame, str]:
    steps = pd.concat([pd.read_csv(part) for part in parts], ignore_index=True)
    flow = publishable_flow(steps, disclosure["threshold"])
    html = flow_table(flow, threshold=disclosure["threshold"], simulated=study["simulated"])
    return flow, html


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        flow, html = publish(snakemake.input, snakemake.params.study, snakemake.params.disclosure)
        flow.to_csv(snakemake.output.csv, index=False)
        Path(snakemake.output.html).write_text(html, encoding="utf-8")
