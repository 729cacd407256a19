# Tables of the evidence stage, small counts suppressed, as CSV and HTML.
# needs: what models and evidence give
# gives: tables/*.{csv,html}


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
