"""Read the study by its dictionary and check it; only a study without errors is written."""

import shutil
from pathlib import Path

from rupture_outcome.cohort.specifications import check_choices
from rupture_outcome.pipeline.integrity import checksums, claim, stop_if_changed
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.read import read_study
from rupture_outcome.study.tables import write_tables
from rupture_outcome.study.writing import write_json


def read(config: dict, files: list[str], truth: list[str], folder: Path) -> None:
    check_choices(config["coding"])
    data = config["study"]["data"]
    inputs = checksums([*files, *truth], data)
    study = read_study(config)
    for file in truth:
        shutil.copyfile(file, folder / "truth.csv")
    stop_if_changed(inputs, data)
    write_tables(study, folder)
    write_json(inputs, folder / "inputs.json")
    claim(folder.parents[1], data)
    for table, frame in study.frames().items():
        print(f"{table}: {'read' if len(frame) else 'not part of this study'}")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        read(
            snakemake.params.config,
            files=snakemake.input.study,
            truth=snakemake.input.truth,
            folder=Path(snakemake.output.flow).parent,
        )
