"""Clean the study: rows entered twice, missed sessions, what contradicts itself."""

from pathlib import Path

from rupture_outcome.pipeline.logs import logged
from rupture_outcome.study.clean import clean_study
from rupture_outcome.study.tables import read_tables, write_tables


def clean(read: Path, cleaning: dict, folder: Path) -> None:
    study = clean_study(read_tables(read), cleaning)
    write_tables(study, folder)
    print("cleaned; flow.csv says what was removed at which step")


if __name__ == "__main__":
    with logged(snakemake.log[0]):
        clean(
            read=Path(snakemake.input.sessions).parent,
            cleaning=snakemake.params.cleaning,
            folder=Path(snakemake.output.flow).parent,
        )
