# Publish: what leaves the pipeline, rounded by one rule: tables, figures, notebooks, report.
# needs: everything that intake, coding, agreement and models give; src/rupture_outcome/products declares each product
# gives: flow.csv, study.json, tables/*.{csv,html}, figures/*.{svg,png,alt.txt}, datapackage.json, notebooks/*.{ipynb,html}, report.html

NOTEBOOKS = [
    "00_start_here",
    "01_the_study",
    "02_recognising_ruptures",
    "03_repair_and_dropout",
    "04_why_time_matters",
    "05_addressing_ruptures",
    "06_getting_better",
]
CSV = [f"<results>/{file}.csv" for file in TABLE_FILES]
HTML = [f"<results>/tables/{name}.html" for name in laid_out()]
FIGURES = [file for name in figures() for file in figure(name).values()]


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
        code=lambda wildcards: code("publish")
        + digest(home(TABLE_FILES[wildcards.file].name)),
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
        code=lambda wildcards: code("lay_out") + digest(home(wildcards.name)),
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
        code=lambda wildcards: code("draw") + digest(home(wildcards.name)),
    message:
        "Figure: {wildcards.name}"
    script:
        "../scripts/draw.py"


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
        truth=true_effects(config["study"]),
        code=code("study_card"),
    message:
        "Saying what the study is"
    script:
        "../scripts/study_card.py"


rule results_package:
    input:
        card="<results>/study.json",
        tables=CSV,
    output:
        package="<results>/datapackage.json",
    log:
        "<logs>/results_package.log",
    params:
        code=code("results_package"),
    message:
        "Describing the tables, and checking that they are as described"
    script:
        "../scripts/results_package.py"


rule run_notebook:
    input:
        source=lambda wildcards: notebook(wildcards.notebook),
        card="<results>/study.json",
        tables=[*CSV, *HTML],
        figures=FIGURES,
    output:
        ipynb="<results>/notebooks/{notebook}.ipynb",
        html="<results>/notebooks/{notebook}.html",
    log:
        "<logs>/run_notebook_{notebook}.log",
    params:
        code=lambda wildcards: code("run_notebook")
        + digest(notebook(wildcards.notebook)),
    message:
        "Notebook: {wildcards.notebook}"
    script:
        "../scripts/run_notebook.py"


rule write_report:
    input:
        card="<results>/study.json",
        package="<results>/datapackage.json",
        checks="<results>/checks.csv",
        tables=[*CSV, *HTML],
        figures=FIGURES,
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
