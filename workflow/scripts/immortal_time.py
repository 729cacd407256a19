"""Let three comparisons estimate a known effect in a simulated world; no study's data enter."""

from dataclasses import replace

import numpy as np

from rupture_outcome.estimates.immortal_time.person_time import example_courses, person_time
from rupture_outcome.estimates.immortal_time.worlds import immortal_time
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.simulation.leaving import World

MANY = 200_000

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        rng = np.random.default_rng(snakemake.params.seed)
        world = World()
        found = immortal_time(world, rng, confidence=snakemake.params.confidence)
        found.to_parquet(snakemake.output.effects, index=False)
        times = person_time(replace(world, patients=MANY), rng)
        times.to_parquet(snakemake.output.times, index=False)
        example_courses(world, rng).to_parquet(snakemake.output.courses, index=False)
        print(f"{int(found['replicates'].iloc[0])} studies in each of {len(found) // 3} worlds")
