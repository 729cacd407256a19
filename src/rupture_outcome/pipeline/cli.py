"""The command line: `rupture-outcome new | import | pseudonymise | check | run` and more."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from rupture_outcome.errors import Problem, StudyError
from rupture_outcome.pipeline.faults import place_in_words

if TYPE_CHECKING:
    from rupture_outcome.pipeline.checking import Checked

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "config" / "config.yaml"

app = typer.Typer(
    help="From psychotherapy session data to evidence on alliance rupture, repair and dropout.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
terminal = Console(stderr=True, highlight=False, soft_wrap=True)

Config = Annotated[
    Path, typer.Argument(help="The study's config.yaml; the example study if left out.")
]

Directory = Annotated[
    Path, typer.Option(help="Where the results folder is written.", file_okay=False)
]


@app.callback()
def _needs_checkout() -> None:
    if not (ROOT / "Snakefile").is_file():
        terminal.print(
            "The command line runs in a checkout of the repository, with its workflow beside the "
            "package.\nAn installed package alone works from Python: import rupture_outcome as ro",
            markup=False,
        )
        raise typer.Exit(1)


@app.command()
def new(
    study: Annotated[Path, typer.Argument(help="The folder to make; its name is the study's.")],
    source: Annotated[
        list[str],
        typer.Option(
            "--from",
            help="A file of the export, or postgresql://USER@SERVER/DATABASE; may be repeated.",
        ),
    ],
    wide: Annotated[
        list[str] | None,
        typer.Option(help="Columns of every session, such as 'alliance_s{session}'."),
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="What a column is: ROLE=COLUMN, session=nr.")
    ] = None,
    missing: Annotated[
        list[str] | None, typer.Option(help="Codes for missing answers, such as -99,999.")
    ] = None,
    leave_out: Annotated[list[str] | None, typer.Option(help="A column not to read.")] = None,
    split_courses: Annotated[
        bool, typer.Option(help="Numbering that begins again is a second course of treatment.")
    ] = False,
    keep_ids: Annotated[
        bool, typer.Option(help="Keep identifiers: they are pseudonyms already.")
    ] = False,
    key: Annotated[
        Path | None, typer.Option(help="File of the key of the pseudonyms, outside of the study.")
    ] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="A column that the gate lets through, and why: COLUMN=REASON."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take guesses without asking.")] = False,
) -> None:
    """Make a study of an export: one table or several, of any shape; says what it understood."""
    from rupture_outcome.pipeline.importing import Request, hints, new_study, reasons
    from rupture_outcome.study.importing.formats import place

    with _errors_in_words():
        given = hints(column or [], wide or [], missing or [], leave_out or [])
        let_through = reasons(accept or [])
        places = tuple(place(one) for one in source)
        request = Request(study, places, given, split_courses, keep_ids, key, let_through, yes)
        written = new_study(request, _say, lambda: typer.confirm("Is this right?", err=True))
    if not written:
        _say("Nothing was written. Say what is wrong with --column, --wide or --leave-out.")
        raise typer.Exit(1)


@app.command("import")
def import_(
    study: Annotated[Path, typer.Argument(help="A folder that `rupture-outcome new` made.")],
) -> None:
    """Import a renewed export into a study, by the decisions in its import.yaml."""
    from rupture_outcome.pipeline.importing import import_again

    with _errors_in_words():
        import_again(study, _say)


Columns = Annotated[list[str] | None, typer.Option(help="A column that holds it.")]


@app.command()
def pseudonymise(
    files: Annotated[list[Path], typer.Argument(help="Files of any format that `new` reads.")],
    key: Annotated[
        Path, typer.Option(help="File of the key, made if not there; keep it apart and safe.")
    ],
    patient: Columns = None,
    therapist: Columns = None,
    unit: Columns = None,
    age: Columns = None,
    postcode: Columns = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write to; `pseudonymised` beside the first file if left out."),
    ] = None,
) -> None:
    """Write copies of files in which persons have keyed pseudonyms; overwrites nothing."""
    from rupture_outcome.pipeline.pseudonymising import pseudonymise_files

    given = {"patient_id": patient, "therapist_id": therapist, "unit_id": unit}
    given |= {"age": age, "postcode": postcode}
    columns = {role: names for role, names in given.items() if names}
    with _errors_in_words():
        written = pseudonymise_files(files, columns, key, out)
    _say(f"Written: {', '.join(str(path) for path in written.files)}")
    for problem in written.problems:
        _say(f"Still to look at: {problem}")


def _say(text: str) -> None:
    terminal.print(text, markup=False)


@app.command()
def check(
    config: Config = EXAMPLE,
    page: Annotated[
        bool, typer.Option("--page", help="Also write results/NAME/check.html, for internal use.")
    ] = False,
    directory: Directory = ROOT,
) -> None:
    """Read a study and its config, say what is wrong with them and what they can answer."""
    from rupture_outcome.pages import check_page
    from rupture_outcome.pipeline.checking import look_into
    from rupture_outcome.study.writing import write_text

    with _errors_in_words():
        settings = _load(config)
        checked = _checked(settings)
        found = look_into(checked, settings)
        check_page.show(found, terminal)
        if page:
            file = directory / "results" / settings["study"]["name"] / "check.html"
            file.parent.mkdir(parents=True, exist_ok=True)
            write_text(check_page.page(found), file)
            terminal.print(f"\nWritten, for internal use only: {file}", markup=False)


def _checked(settings: dict) -> "Checked":
    """Stop with all that is wrong; else say so, and what is odd."""
    from rupture_outcome.pipeline.checking import check_study, size

    checked = check_study(settings)
    terminal.print(
        f"{settings['study']['title']}: {size(checked.study)} read and checked, nothing wrong.",
        markup=False,
    )
    for note in checked.notes:
        terminal.print(f"To look at: {note}", markup=False)
    return checked


@app.command()
def run(
    config: Config = EXAMPLE,
    cores: Annotated[str, typer.Option(help="How many cores to use, or 'all'.")] = "all",
    directory: Directory = ROOT,
) -> None:
    """Check a study and run the whole pipeline on it; results go to results/NAME of the study."""
    from rupture_outcome.pipeline.integrity import inputs_read, stop_if_anothers, stop_if_changed

    with _errors_in_words():
        settings = _load(config)
        _checked(settings)
    name, data = settings["study"]["name"], settings["study"]["data"]
    results = directory / "results" / name
    with _errors_in_words(), _alone(directory, name):
        stop_if_anothers(results, data)
        (results / "logs").mkdir(parents=True, exist_ok=True)
        command = _snakemake(config, cores, directory)
        own = environment(directory)
        if own.get("HOME") != os.environ.get("HOME"):
            terminal.print(f"No home folder can be written: {own['HOME']} is taken.", markup=False)
        anew = to_make_anew(command, directory, results, data)
        code = subprocess.run([*command, *anew], env=own).returncode
        if not code:
            stop_if_changed(inputs_read(results), data)
            _stop_if_another(settings, config)
    if code:
        terminal.print(
            f"The run stopped. What was finished is kept; logs are in results/{name}/logs."
        )
        raise typer.Exit(1)
    terminal.print(f"Ready: open {directory / 'results' / name / 'report.html'}")


@app.command()
def export(
    config: Config = EXAMPLE,
    to: Annotated[
        Literal["csv", "sav", "dta", "parquet", "mplus"],
        typer.Option(help="For R and others, SPSS, Stata, pandas and arrow, or Mplus."),
    ] = "csv",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write to; results/NAME/export if left out.", file_okay=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files of an export.")] = False,
) -> None:
    """Write coded sessions and persons, with labels, for another program; person-level data."""
    from rupture_outcome.pipeline.export import NOTICE, export_tables, write_export

    with _errors_in_words():
        settings = _load(config)
        folder = out or ROOT / "results" / settings["study"]["name"] / "export"
        written = write_export(export_tables(settings), folder, to, force)
    terminal.print(f"Written to {folder}: {', '.join(path.name for path in written)}", markup=False)
    terminal.print(f"This is {NOTICE}.")


@app.command()
def explore(config: Config = EXAMPLE) -> None:
    """Open the notebooks in JupyterLab, reading the results of a study."""
    with _errors_in_words():
        name = _load(config)["study"]["name"]
    results = {"RUPTURE_RESULTS": str(ROOT / "results" / name)}
    command = [sys.executable, "-m", "jupyterlab", "--notebook-dir", str(ROOT / "notebooks")]
    raise typer.Exit(subprocess.run(command, env=os.environ | results).returncode)


def _load(config: Path) -> dict:
    from rupture_outcome.pipeline.config import load

    return load(config)


def _snakemake(config: Path, cores: str, directory: Path) -> list[str]:
    # --nolock: `_alone` holds a lock that, unlike Snakemake's own, does not outlive a killed run.
    return [
        *(
            sys.executable,
            "-m",
            "rupture_outcome.pipeline.forked",
            "--snakefile",
            str(ROOT / "Snakefile"),
        ),
        *("--workflow-profile", str(ROOT / "profiles" / "default")),
        *("--directory", str(directory), "--cores", cores),
        *("--nolock", "--quiet", "host", "reason"),
        *("--configfile", str(config.resolve())),
    ]


def to_make_anew(command: list[str], directory: Path, results: Path, data: str) -> list[str]:
    """Options that make anew what Snakemake, which looks at times only, would take as it is."""
    from rupture_outcome.pipeline.integrity import INPUTS, damaged, differing, inputs_read

    found = damaged(results)
    if found:
        summary = subprocess.run(
            [*command, "--summary"], env=environment(directory), capture_output=True, text=True
        )
        made = {line.partition("\t")[0] for line in summary.stdout.splitlines()}
        # a file that no rule makes any more is nobody's loss
        found = [name for name in found if _within(directory, results / name) in made]
    if found:
        terminal.print(f"Damaged or missing since the last run, and made anew: {', '.join(found)}")
    if differing(inputs_read(results), data):
        found.append(INPUTS)
    return ["--forcerun", *(_within(directory, results / name) for name in found)] if found else []


def _within(directory: Path, file: Path) -> str:
    return file.relative_to(directory).as_posix()


def _stop_if_another(settings: dict, config: Path) -> None:
    if _load(config) != settings:
        found = "the config changed while the run went on"
        raise StudyError(
            [Problem(config.name, found, "leave it alone during a run, and run again")]
        )


def environment(directory: Path) -> dict[str, str]:
    """Variables of a run; without a home that can be written, one is made beside its locks."""
    own = os.environ | {"PYTHONHASHSEED": "0"}
    if not _can_write(os.path.expanduser("~")):
        home = directory / ".snakemake" / "home"
        home.mkdir(parents=True, exist_ok=True)
        own["HOME"] = str(home.resolve())
    if "XDG_CACHE_HOME" in own and not _can_write(own["XDG_CACHE_HOME"]):
        del own["XDG_CACHE_HOME"]
    return own


def _can_write(folder: str) -> bool:
    return os.path.isdir(folder) and os.access(folder, os.W_OK)


@contextmanager
def _alone(directory: Path, name: str) -> Iterator[None]:
    """Hold the study's lock: two runs of one study must not write into the same folder."""
    folder = directory / ".snakemake"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            terminal.print(
                f"The study '{name}' is being run already; wait for it or stop it first."
            )
            raise typer.Exit(1) from None
        yield


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except StudyError as error:
        terminal.print(str(error), markup=False)
        raise typer.Exit(1) from None
    except OSError as error:
        terminal.print(place_in_words(error), markup=False)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    app()
