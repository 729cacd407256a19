# Publish: what leaves the pipeline, with small counts suppressed: tables, figures, notebooks, report.
# needs: everything that intake, coding, agreement and models give
# gives: flow.csv, study.json, tables/*.{csv,html}, figures/*.{svg,png,alt.txt}, notebooks/*.{ipynb,html}, report.html

CASES = ["case_1", "case_2", "case_3", "case_4"]
FIGURES = [
    "flow",
    "endings",
    "ratings",
    "alliance_courses",
    "onset_courses",
    "chance",
    "definition_heatmap",
    "definition_sets",
    *CASES,
    "strategies",
    "dropout_effects",
    "hazard_models",
    "dropout_definitions",
    "cumulative_incidence",
    "landmark_contrasts",
    "state_occupancy",
    "repair_what_if",
    "therapist_effects",
    "moderator_effects",
    "sensitivity",
    "literature",
    "immortal_time",
]
TABLES_SHOWN = [
    "sample_description",
    "rupture_prevalence",
    "definition_agreement",
    "detected_by",
    "onset_agreement",
    "definition_accuracy",
    "threshold_sweep",
    "cases",
    "rater_agreement",
    "strategy_resolution",
    "dropout_effects",
    "hazard_models",
    "hazard_margins",
    "dropout_definitions",
    "dropout_overlap",
    "dropout_patterns",
    "dropout_definition_effects",
    "cumulative_incidence",
    "landmark_contrasts",
    "cox_checks",
    "state_occupancy",
    "transition_probabilities",
    "transition_hazards",
    "time_in_state",
    "repair_what_if",
    "therapist_effects",
    "therapist_variances",
    "therapist_relation",
    "moderator_effects",
    "sensitivity",
    "weight_diagnostics",
    "literature",
    "immortal_time",
    "immortal_time_sessions",
]
# Drawn from, never read as a table.
POINTS = ["immortal_time_courses"]
NOTEBOOKS = [
    "00_start_here",
    "01_the_study",
    "02_recognising_ruptures",
    "03_repair_and_dropout",
    "04_why_time_matters",
    "05_addressing_ruptures",
]
PUBLISHED = part("study", "disclosure") | {"confidence": config["models"]["confidence"]}
RESULTS = f"results/{config['study']['name']}"


def raw_files(wildcards):
    """What a table is made from: files of the science rules, and other tables."""
    product = TABLE_FILES[wildcards.file]
    made_from = [f"{RESULTS}/{file}" for file in product.raw.values()]
    others = [
        f"{RESULTS}/{products()[name].csv}.csv"
        for name in product.reads
        if product.make
    ]
    return made_from + others


def tables_of(wildcards):
    """The published tables that laying out or drawing a product reads."""
    return [
        f"{RESULTS}/{products()[name].csv}.csv"
        for name in needed(products()[wildcards.name])
    ]


def look(product):
    """What a product depends on besides its tables: how the study is shown, and its own code."""
    return Look.of(config, product.settings).as_dict()


TABLE_FILES = {product.csv: product for product in tables().values()}


rule publish:
    input:
        raw_files,
    output:
        csv="<results>/{file}.csv",
    log:
        "<logs>/publish/{file}.log",
    wildcard_constraints:
        file="|".join(TABLE_FILES),
    params:
        product=lambda wildcards: TABLE_FILES[wildcards.file].name,
        look=lambda wildcards: look(TABLE_FILES[wildcards.file]),
        results=RESULTS,
        code=lambda wildcards: code("publish")
        + code_digest(home(TABLE_FILES[wildcards.file].name)),
    message:
        "Publishing: {wildcards.file}"
    script:
        "../scripts/publish.py"


rule lay_out:
    input:
        tables_of,
    output:
        html="<results>/tables/{name}.html",
    log:
        "<logs>/lay_out/{name}.log",
    wildcard_constraints:
        name="|".join(laid_out()),
    params:
        product="{name}",
        look=lambda wildcards: look(products()[wildcards.name]),
        results=RESULTS,
        code=lambda wildcards: code("lay_out") + code_digest(home(wildcards.name)),
    message:
        "Table: {wildcards.name}"
    script:
        "../scripts/lay_out.py"


rule draw:
    input:
        tables_of,
    output:
        **figure("{name}"),
    log:
        "<logs>/draw/{name}.log",
    wildcard_constraints:
        name="|".join(figures()),
    params:
        product="{name}",
        look=lambda wildcards: look(products()[wildcards.name]),
        results=RESULTS,
        code=lambda wildcards: code("draw") + code_digest(home(wildcards.name)),
    message:
        "Figure: {wildcards.name}"
    script:
        "../scripts/draw.py"


include: "tables.smk"
include: "tables_evidence.smk"
include: "figures.smk"
include: "figures_evidence.smk"


rule study_card:
    input:
        flow="<results>/flow.csv",
        person_sessions="<results>/models/person_sessions.parquet",
    output:
        card="<results>/study.json",
    log:
        "<logs>/study_card.log",
    params:
        config=config,
        code=code("study_card"),
    message:
        "Saying what the study is"
    script:
        "../scripts/study_card.py"


rule run_notebook:
    input:
        source=lambda wildcards: notebook(wildcards.notebook),
        card="<results>/study.json",
        flow="<results>/flow.csv",
        tables=expand(
            "<results>/tables/{table}.{end}", table=TABLES_SHOWN, end=["csv", "html"]
        ),
        points=expand("<results>/tables/{table}.csv", table=POINTS),
        figures=expand(
            "<results>/figures/{figure}.{end}",
            figure=FIGURES,
            end=["svg", "png", "alt.txt"],
        ),
    output:
        ipynb="<results>/notebooks/{notebook}.ipynb",
        html="<results>/notebooks/{notebook}.html",
    log:
        "<logs>/run_notebook_{notebook}.log",
    params:
        code=lambda wildcards: code("run_notebook")
        + code_digest(notebook(wildcards.notebook)),
    message:
        "Notebook: {wildcards.notebook}"
    script:
        "../scripts/run_notebook.py"


rule write_report:
    input:
        card="<results>/study.json",
        flow="<results>/flow.csv",
        fits=expand("<results>/models/{file}.json", file=FIT_FILES),
        tables=expand(
            "<results>/tables/{table}.{end}", table=TABLES_SHOWN, end=["csv", "html"]
        ),
        figures=expand(
            "<results>/figures/{figure}.{end}",
            figure=FIGURES,
            end=["svg", "png", "alt.txt"],
        ),
        notebooks=expand("<results>/notebooks/{notebook}.html", notebook=NOTEBOOKS),
    output:
        report="<results>/report.html",
    log:
        "<logs>/write_report.log",
    params:
        code=code("write_report"),
    message:
        "Writing the report"
    script:
        "../scripts/write_report.py"
