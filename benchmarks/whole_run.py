"""Processor seconds and peak memory of a whole run, by script, on a simulated study.

    python benchmarks/whole_run.py --patients 8000      96,000 sessions
    python benchmarks/whole_run.py --patients 80000     965,000 sessions
    python benchmarks/whole_run.py --study config.yaml  a study that is there already

The study is simulated as the example is, with one therapist for every 15 patients, in a folder
that is removed afterwards; simulating is not counted. Each script reports its own use at its end
(`getrusage`, with the processes it started); what is left is Snakemake's own and the loading of
libraries, once for all scripts.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import yaml

from rupture_outcome.simulation.simulate import EXAMPLE_SEED, write_example
from rupture_outcome.simulation.truth import Truth

ROOT = Path(__file__).parents[1]
PATIENTS_A_THERAPIST = 15
QUIET = ("host", "progress", "reason", "rules")
# Python imports a module of this name at its start: here it makes scripts report what they used.
REPORTER = """
import json, os, resource, runpy

run_path = runpy.run_path

def reported(script, *given, **named):
    try:
        return run_path(script, *given, **named)
    finally:
        if "/.snakemake/scripts/" in os.path.abspath(script):
            report(script)

def report(script):
    own, children = (resource.getrusage(who) for who in (0, resource.RUSAGE_CHILDREN))
    used = {
        "script": script.rsplit(".", 2)[-2],
        "seconds": sum((own.ru_utime, own.ru_stime, children.ru_utime, children.ru_stime)),
        "peak": max(own.ru_maxrss, children.ru_maxrss),
    }
    with open(os.path.join(os.environ["USAGE_RECORDS"], f"{os.getpid()}.json"), "w") as file:
        json.dump(used, file)

runpy.run_path = reported
"""


def simulate(folder: Path, patients: int) -> Path:
    """Write a study of so many patients and its config, which is that of the example."""
    therapists = max(patients // PATIENTS_A_THERAPIST, 4)
    write_example(folder / "data", EXAMPLE_SEED, Truth(patients=patients, therapists=therapists))
    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    config["study"] |= {"name": "large", "data": "data"}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return path


def measure(config: Path, folder: Path, cores: int, targets: list[str]) -> pd.DataFrame:
    """Run a study below a folder; one row a script: jobs, processor seconds, peak in MB."""
    records, reporter = folder / "usage", folder / "reporter"
    for new in (records, reporter):
        new.mkdir()
    (reporter / "sitecustomize.py").write_text(REPORTER, encoding="utf-8")
    start = _children()
    _run(config, folder, cores, targets, [reporter, ROOT / "src"], records)
    whole = _children() - start
    used = pd.DataFrame([json.loads(path.read_text()) for path in records.glob("*.json")])
    table = used.groupby("script", as_index=False).agg(
        jobs=("script", "size"), seconds=("seconds", "sum"), peak_mb=("peak", "max")
    )
    table["peak_mb"] *= (1 if sys.platform == "darwin" else 1024) / 1e6
    table.loc[len(table)] = ["(snakemake)", 1, whole - table["seconds"].sum(), float("nan")]
    return table.sort_values("seconds", ascending=False, ignore_index=True)


def _run(
    config: Path, folder: Path, cores: int, targets: list[str], path: list[Path], records: Path
) -> None:
    command = [
        *(sys.executable, "-m", "rupture_outcome.pipeline.forked", *targets),
        *("--snakefile", str(ROOT / "Snakefile")),
        *("--workflow-profile", str(ROOT / "profiles" / "default"), "--quiet", *QUIET),
        *("--directory", str(folder), "--cores", str(cores), "--configfile", str(config)),
    ]
    given = {"PYTHONPATH": os.pathsep.join(map(str, path)), "USAGE_RECORDS": str(records)}
    subprocess.run(command, env=os.environ | given, check=True)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=8000)
    parser.add_argument("--study", type=Path, help="a config, instead of simulating")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("targets", nargs="*", help="rules to be made instead of everything")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        config = chosen.study or simulate(Path(folder), chosen.patients)
        start = time.perf_counter()
        table = measure(config.resolve(), Path(folder), chosen.cores, chosen.targets)
        clock = time.perf_counter() - start
    print(table.to_string(index=False, float_format=lambda x: f"{x:.1f}", na_rep=""))
    print(
        f"{table['seconds'].sum():.0f} processor seconds, {clock:.0f} by the clock; "
        f"largest process {table['peak_mb'].max():.0f} MB"
    )


if __name__ == "__main__":
    main()
