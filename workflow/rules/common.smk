def study_config(given):
    """The config, checked and completed; paths in it are relative to the file that it came from."""
    file = Path((workflow.overwrite_configfiles or [EXAMPLE])[-1]).resolve()
    try:
        read_config(file)  # refuses keys given twice, of which Snakemake takes the last
        made = complete(given, file)
        stop_if_anothers(f"results/{made['study']['name']}", made["study"]["data"])
        return made
    except StudyError as error:
        raise WorkflowError(f"{file.name} cannot be used. {error}") from None


# Snakemake asks for the params of every job that waits whenever another ends.
digest = cache(code_digest)


def code(script):
    """Digest of a script and all that it imports, so that a rule reruns when one of them changes."""
    return digest(HERE / "scripts" / f"{script}.py")


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


def fitted(*keys):
    """As `part`, with what models are fitted by, and not how intervals are resampled or panels cut."""
    elsewhere = ("replicates", "resampled", "panel_sessions")
    models = {k: v for k, v in config["models"].items() if k not in elsewhere}
    return {"models": models, **part(*keys)}


def figure(name):
    """The files of a figure, by what they are."""
    return {end: f"<results>/figures/{name}.{end}" for end in ("svg", "png")} | {
        "alt": f"<results>/figures/{name}.alt.txt"
    }


def notebook(name):
    """The source of a notebook."""
    return HERE.parent / "notebooks" / f"{name}.py"


TABLE_FILES = {product.csv: product for product in tables().values()}


def made_by(files):
    """Files below the results of the study."""
    return [f"results/{config['study']['name']}/{file}" for file in files]


def raw_files(wildcards):
    """What a table is made from: files of the science rules, and other tables."""
    product = TABLE_FILES[wildcards.file]
    others = [f"{products()[name].csv}.csv" for name in product.reads if product.make]
    return made_by([*product.raw.values(), *others])


def tables_of(wildcards):
    """The published tables that laying out or drawing a product reads."""
    read = needed(products()[wildcards.name])
    return made_by([f"{products()[name].csv}.csv" for name in read])


def look(product):
    """How the study is shown, as far as a product depends on it."""
    truth = {
        "truth": true_effects(config["study"]),
        "symptom_truth": true_effects(config["study"], "symptom"),
        "true_values": true_values(config["study"]),
    }
    return Look.of(config | truth, product.settings).as_dict()
