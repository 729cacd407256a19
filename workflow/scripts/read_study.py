"""Read the study by its dictionary and check it; only a study without errors is written."""

from pathlib import Path

from rupture_outcome.cohort.specifications import check_choices
from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.read import read_study
from rupture_outcome.study.tables import write_tables


def read(config: dict, folder: Path) -> None:
    check_choices(config["coding"])
    study = read_study(config)
    write_tables(study, folder)
    for table, frame in study.frames().items():
        print(f"{table}: {'read' if len(frame) else 'not part of this study'}")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        read(snakemake.params.config, Path(snakemake.output.flow).parent)
