"""Let three comparisons estimate a known effect in a simulated world; no study's data enter."""

from dataclasses import replace

import numpy as np

from rupture_outcome.estimates.immortal_time.person_time import example_courses, person_time
from rupture_outcome.estimates.immortal_time.worlds import immortal_time
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.simulation.leaving import World
from rupture_outcome.study.writing import write_parquet

MANY = 200_000

if __name__ == "__main__":
    with logged(snakemake.log[0]):
        rng = np.random.default_rng(snakemake.params.seed)
        world = World()
        found = immortal_time(world, rng, confidence=snakemake.params.confidence)
        write_parquet(found, snakemake.output.effects)
        times = person_time(replace(world, patients=MANY), rng)
        write_parquet(times, snakemake.output.times)
        write_parquet(example_courses(world, rng), snakemake.output.courses)
        print(f"{int(found['replicates'].iloc[0])} studies in each of {len(found) // 3} worlds")
