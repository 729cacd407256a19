"""Judge who has got better at the end, and compare patients by the state of their ruptures."""

import pandas as pd

from rupture_outcome.coding.scales import instrument_of
from rupture_outcome.cohort.specifications import primary_filter
from rupture_outcome.engine.reliable_change import METHODS
from rupture_outcome.estimates.failure.cutoffs import FailureSettings
from rupture_outcome.estimates.failure.end_points import SESSIONS, SYMPTOM
from rupture_outcome.estimates.failure.end_status import end_status
from rupture_outcome.estimates.failure.failure_cutoffs import cutoffs_tried, failure_cutoffs
from rupture_outcome.estimates.failure.failure_effects import failure_effects
from rupture_outcome.estimates.failure.failure_flow import failure_flow
from rupture_outcome.estimates.hazard.exposure_hazard import HazardSettings
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.writing import read_parquet, write_json, write_parquet

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        primary, models = snakemake.params.primary, snakemake.params.models
        instruments = snakemake.params.instruments
        settings = FailureSettings.from_config(snakemake.params.failure)
        rows = read_parquet(snakemake.input.person_sessions, filters=primary_filter(primary))
        status = end_status(
            rows,
            read_parquet(snakemake.input.sessions, SESSIONS),
            pd.read_parquet(snakemake.input.patients),
            instruments,
            settings,
            METHODS,
        )
        effects, fits = failure_effects(
            rows,
            status,
            primary,
            settings.method,
            models["landmarks"],
            HazardSettings.from_config(models),
        )
        own = status[status["method"].eq(settings.method)]
        flow = failure_flow(rows, own)
        symptoms = instrument_of(SYMPTOM, instruments)
        given = instruments.get(symptoms.name, {}).get("cutoff")
        tried = cutoffs_tried(own["before"], given, symptoms.range)
        cutoffs = failure_cutoffs(rows, own, tried, symptoms.direction)
        write_parquet(effects, snakemake.output.effects)
        write_parquet(flow, snakemake.output.flow)
        write_parquet(cutoffs, snakemake.output.cutoffs)
        write_json(fits, snakemake.output.fits)
        print(f"{len(fits)} fits, {sum(not fit['converged'] for fit in fits)} did not converge")
