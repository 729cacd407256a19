"""How tests run the whole workflow."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "config" / "config.yaml"
TAGEBUCH = ROOT / "tests" / "workflow" / "studies" / "tagebuch" / "config.yaml"


def run_pipeline(
    config: Path, directory: Path, *options: str, cores: int = 2
) -> subprocess.CompletedProcess[str]:
    """Run `snakemake` as its users do, writing below a directory of the test."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")),
            *("--workflow-profile", str(ROOT / "profiles" / "default")),
            *("--directory", str(directory), "--cores", str(cores)),
            *("--configfile", str(config), *options),
        ],
        capture_output=True,
        text=True,
        timeout=1200,
    )
