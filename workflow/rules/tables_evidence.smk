# Tables of the evidence stage, small counts suppressed, as CSV and HTML.
# needs: what models and evidence give
# gives: tables/*.{csv,html}


rule table_moderator_effects:
    input:
        effects="<results>/models/moderator_effects.parquet",
        sample="<results>/tables/sample_description.csv",
        flow="<results>/flow.csv",
    output:
        csv="<results>/tables/moderator_effects.csv",
        html="<results>/tables/moderator_effects.html",
    log:
        "<logs>/table_moderator_effects.log",
    params:
        **PUBLISHED,
        code=code("table_moderator_effects"),
    message:
        "Table: effects on dropout by subgroup"
    script:
        "../scripts/table_moderator_effects.py"


rule table_literature:
    input:
        effects="<results>/tables/dropout_effects.csv",
        sample="<results>/tables/sample_description.csv",
        prevalence="<results>/tables/rupture_prevalence.csv",
        therapists="<results>/tables/therapist_variances.csv",
    output:
        csv="<results>/tables/literature.csv",
        html="<results>/tables/literature.html",
    log:
        "<logs>/table_literature.log",
    params:
        **PUBLISHED,
        primary=config["coding"]["primary"],
        code=code("table_literature"),
    message:
        "Table: this study beside the literature"
    script:
        "../scripts/table_literature.py"
