"""Load what scripts import, once for all: copies of a process that imported this start with it."""

import gc
import runpy
from contextlib import suppress
from importlib import import_module
from pathlib import Path

SCRIPTS = Path(__file__).parents[3] / "workflow" / "scripts"
# What is imported only where it is used.
LIBRARIES = (
    "great_tables",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "pyarrow.parquet",
    "scipy.stats",
    "snakemake.cli",  # a copy imports what its run began with
    "snakemake.script",
    "statsmodels.api",
    "rupture_outcome.products.registry",
)

for library in LIBRARIES:
    import_module(library)
for script in sorted(SCRIPTS.glob("*.py")):
    with suppress(Exception):  # a broken script says so when it is its turn
        runpy.run_path(str(script), run_name="loaded")
gc.collect()
gc.freeze()  # copies share what is here as long as nobody touches it
