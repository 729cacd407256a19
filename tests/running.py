"""How tests run the whole workflow."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FORKED = "rupture_outcome.pipeline.forked"
EXAMPLE = ROOT / "config" / "config.yaml"
TAGEBUCH = ROOT / "tests" / "workflow" / "studies" / "tagebuch" / "config.yaml"


def run_pipeline(
    config: Path,
    directory: Path,
    *options: str,
    cores: int = 2,
    root: Path = ROOT,
    module: str = "snakemake",
) -> subprocess.CompletedProcess[str]:
    """Run `snakemake` as its users do, writing below a directory of the test.

    `root` is the checkout whose workflow and package are used; `module` may be `FORKED`, with which
    `rupture-outcome run` runs Snakemake.
    """
    return subprocess.run(
        [
            *(sys.executable, "-m", module, "--snakefile", str(root / "Snakefile")),
            *("--workflow-profile", str(root / "profiles" / "default")),
            *("--directory", str(directory), "--cores", str(cores)),
            *("--configfile", str(config), *options),
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "src"), str(ROOT)])},
        capture_output=True,
        text=True,
        timeout=1200,
    )
