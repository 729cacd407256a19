"""Compare patients by whether a rupture was ever repaired: biased, and to be shown as such."""

import json
from pathlib import Path

import pandas as pd

from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.estimates.naive import naive_effects
from rupture_outcome.pipeline.logs import logged

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        settings = HazardSettings.from_config(snakemake.params.models)
        effects, fits = naive_effects(
            pd.read_parquet(snakemake.input.person_sessions),
            snakemake.params.dropout["definition"],
            settings.covariates,
            settings.confidence,
            settings.min_testable,
        )
        effects.to_parquet(snakemake.output.effects, index=False)
        text = json.dumps(fits, indent=1, ensure_ascii=False)
        Path(snakemake.output.fits).write_text(text + "\n", encoding="utf-8")
        print(f"{len(effects)} comparisons")
