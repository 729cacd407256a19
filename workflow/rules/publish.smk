# Publish: what leaves the pipeline, with small counts suppressed: tables, figures, notebooks, report.
# needs: everything that intake, coding and models give
# gives: flow.csv, study.json, tables/*.{csv,html}, figures/*.{svg,png,alt.txt}, notebooks/*.{ipynb,html}, report.html

FIGURES = [
    "flow",
    "endings",
    "ratings",
    "alliance_courses",
    "dropout_effects",
    "cumulative_incidence",
]
TABLES_SHOWN = [
    "sample_description",
    "rupture_prevalence",
    "dropout_effects",
    "cumulative_incidence",
]
NOTEBOOKS = ["00_start_here", "01_the_study"]
PUBLISHED = part("study", "disclosure") | {"confidence": config["models"]["confidence"]}


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


rule table_flow:
    input:
        "<results>/study/read/flow.csv",
        "<results>/study/clean/flow.csv",
        "<results>/models/person_sessions_flow.csv",
    output:
        csv="<results>/flow.csv",
        html="<results>/tables/flow.html",
    log:
        "<logs>/table_flow.log",
    params:
        **PUBLISHED,
        code=code("table_flow"),
    message:
        "Table: flow of persons and sessions"
    script:
        "../scripts/table_flow.py"


rule table_sample_description:
    input:
        patients="<results>/study/clean/patients.parquet",
        sessions="<results>/study/scored/sessions.parquet",
        endings="<results>/study/clean/endings.parquet",
        flow="<results>/flow.csv",
    output:
        csv="<results>/tables/sample_description.csv",
        html="<results>/tables/sample_description.html",
    log:
        "<logs>/table_sample_description.log",
    params:
        **PUBLISHED,
        code=code("table_sample_description"),
    message:
        "Table: description of the sample"
    script:
        "../scripts/table_sample_description.py"


rule table_rupture_prevalence:
    input:
        prevalence="<results>/coding/prevalence.parquet",
        flow="<results>/flow.csv",
    output:
        csv="<results>/tables/rupture_prevalence.csv",
        html="<results>/tables/rupture_prevalence.html",
    log:
        "<logs>/table_rupture_prevalence.log",
    params:
        **PUBLISHED,
        code=code("table_rupture_prevalence"),
    message:
        "Table: rupture prevalence"
    script:
        "../scripts/table_rupture_prevalence.py"


rule table_dropout_effects:
    input:
        effects="<results>/models/dropout_effects.parquet",
        incidence="<results>/models/cumulative_incidence.parquet",
        flow="<results>/flow.csv",
    output:
        csv="<results>/tables/dropout_effects.csv",
        html="<results>/tables/dropout_effects.html",
    log:
        "<logs>/table_dropout_effects.log",
    params:
        **PUBLISHED,
        code=code("table_dropout_effects"),
    message:
        "Table: effects on dropout"
    script:
        "../scripts/table_dropout_effects.py"


rule table_cumulative_incidence:
    input:
        incidence="<results>/models/cumulative_incidence.parquet",
    output:
        csv="<results>/tables/cumulative_incidence.csv",
        html="<results>/tables/cumulative_incidence.html",
    log:
        "<logs>/table_cumulative_incidence.log",
    params:
        **PUBLISHED,
        primary=config["coding"]["primary"],
        code=code("table_cumulative_incidence"),
    message:
        "Table: cumulative incidence from landmarks"
    script:
        "../scripts/table_cumulative_incidence.py"


rule figure_flow:
    input:
        flow="<results>/flow.csv",
    output:
        **figure("flow"),
    log:
        "<logs>/figure_flow.log",
    params:
        **PUBLISHED,
        code=code("figure_flow"),
    message:
        "Figure: flow diagram"
    script:
        "../scripts/figure_flow.py"


rule figure_endings:
    input:
        sessions="<results>/study/scored/sessions.parquet",
        endings="<results>/study/clean/endings.parquet",
    output:
        **figure("endings"),
    log:
        "<logs>/figure_endings.log",
    params:
        **PUBLISHED,
        code=code("figure_endings"),
    message:
        "Figure: how and when treatments ended"
    script:
        "../scripts/figure_endings.py"


rule figure_ratings:
    input:
        sessions="<results>/study/scored/sessions.parquet",
    output:
        **figure("ratings"),
    log:
        "<logs>/figure_ratings.log",
    params:
        **PUBLISHED,
        instruments=config["instruments"],
        code=code("figure_ratings"),
    message:
        "Figure: what was rated"
    script:
        "../scripts/figure_ratings.py"


rule figure_alliance_courses:
    input:
        sessions="<results>/study/scored/sessions.parquet",
        endings="<results>/study/clean/endings.parquet",
        ruptures="<results>/coding/ruptures.parquet",
        episodes="<results>/coding/episodes.parquet",
        states="<results>/coding/states.parquet",
    output:
        **figure("alliance_courses"),
    log:
        "<logs>/figure_alliance_courses.log",
    params:
        **PUBLISHED,
        primary=config["coding"]["primary"],
        instruments=config["instruments"],
        code=code("figure_alliance_courses"),
    message:
        "Figure: alliance courses with ruptures and repairs"
    script:
        "../scripts/figure_alliance_courses.py"


rule figure_dropout_effects:
    input:
        effects="<results>/tables/dropout_effects.csv",
    output:
        **figure("dropout_effects"),
    log:
        "<logs>/figure_dropout_effects.log",
    params:
        **PUBLISHED,
        code=code("figure_dropout_effects"),
    message:
        "Figure: effects on dropout by definition"
    script:
        "../scripts/figure_dropout_effects.py"


rule figure_cumulative_incidence:
    input:
        incidence="<results>/tables/cumulative_incidence.csv",
    output:
        **figure("cumulative_incidence"),
    log:
        "<logs>/figure_cumulative_incidence.log",
    params:
        **PUBLISHED,
        primary=config["coding"]["primary"],
        clock=config["clock"],
        code=code("figure_cumulative_incidence"),
    message:
        "Figure: cumulative incidence of dropout from landmarks"
    script:
        "../scripts/figure_cumulative_incidence.py"


rule run_notebook:
    input:
        source=lambda wildcards: notebook(wildcards.notebook),
        card="<results>/study.json",
        flow="<results>/flow.csv",
        tables=expand(
            "<results>/tables/{table}.{end}", table=TABLES_SHOWN, end=["csv", "html"]
        ),
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
        fits="<results>/models/hazard.json",
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
