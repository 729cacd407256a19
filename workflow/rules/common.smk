def study_config(given):
    """The config, checked and completed; paths in it are relative to the file that it came from."""
    file = Path((workflow.overwrite_configfiles or [EXAMPLE])[-1]).resolve()
    try:
        read_config(file)  # refuses keys given twice, of which Snakemake takes the last
        return complete(given, file)
    except StudyError as error:
        raise WorkflowError(f"{file.name} cannot be used. {error}") from None


def code(script):
    """Digest of a script and all that it imports, so that a rule reruns when one of them changes."""
    return code_digest(HERE / "scripts" / f"{script}.py")


def study_tables(folder):
    """The five tables of a study in a folder, by name."""
    return {table: f"{folder}/{table}.parquet" for table in TABLES}


def truth_files(study):
    """The latent states of a simulated study, where its folder holds them; they are no table of the contract."""
    file = Path(study["data"]) / "truth.csv"
    return [file] if study["simulated"] and file.is_file() else []


def part(*keys):
    """The parts of the config that a rule depends on; it reruns when one of them changes."""
    return {key: config[key] for key in keys}


def figure(name):
    """The files of a figure, by what they are."""
    return {end: f"<results>/figures/{name}.{end}" for end in ("svg", "png")} | {
        "alt": f"<results>/figures/{name}.alt.txt"
    }


def notebook(name):
    """The source of a notebook."""
    return HERE.parent / "notebooks" / f"{name}.py"
