# Tables of the evidence stage, small counts suppressed, as CSV and HTML.
# needs: what models and evidence give
# gives: tables/*.{csv,html}


rule table_dropout_definitions:
    input:
        rates="<results>/models/dropout_rates.parquet",
        pairs="<results>/models/dropout_overlap.parquet",
        patterns="<results>/models/dropout_patterns.parquet",
        effects="<results>/models/dropout_definition_effects.parquet",
        flow="<results>/flow.csv",
    output:
        definitions="<results>/tables/dropout_definitions.csv",
        definitions_html="<results>/tables/dropout_definitions.html",
        overlap="<results>/tables/dropout_overlap.csv",
        overlap_html="<results>/tables/dropout_overlap.html",
        patterns="<results>/tables/dropout_patterns.csv",
        patterns_html="<results>/tables/dropout_patterns.html",
        effects="<results>/tables/dropout_definition_effects.csv",
        effects_html="<results>/tables/dropout_definition_effects.html",
    log:
        "<logs>/table_dropout_definitions.log",
    params:
        **PUBLISHED,
        **part("dropout"),
        code=code("table_dropout_definitions"),
    message:
        "Tables: definitions of dropout"
    script:
        "../scripts/table_dropout_definitions.py"


rule table_hazard_models:
    input:
        models="<results>/models/hazard_models.parquet",
        margins="<results>/models/hazard_margins.parquet",
        flow="<results>/flow.csv",
        effects="<results>/tables/dropout_effects.csv",
    output:
        models_csv="<results>/tables/hazard_models.csv",
        models_html="<results>/tables/hazard_models.html",
        margins_csv="<results>/tables/hazard_margins.csv",
        margins_html="<results>/tables/hazard_margins.html",
    log:
        "<logs>/table_hazard_models.log",
    params:
        **PUBLISHED,
        primary=config["coding"]["primary"],
        code=code("table_hazard_models"),
    message:
        "Tables: repair and dropout under other models, predicted hazards"
    script:
        "../scripts/table_hazard_models.py"


rule table_landmark_contrasts:
    input:
        contrasts="<results>/models/landmark_contrasts.parquet",
        incidence="<results>/tables/cumulative_incidence.csv",
        checks="<results>/models/cox_checks.parquet",
        flow="<results>/flow.csv",
    output:
        csv="<results>/tables/landmark_contrasts.csv",
        html="<results>/tables/landmark_contrasts.html",
        checks_csv="<results>/tables/cox_checks.csv",
        checks_html="<results>/tables/cox_checks.html",
    log:
        "<logs>/table_landmark_contrasts.log",
    params:
        **PUBLISHED,
        primary=config["coding"]["primary"],
        clock=config["clock"],
        code=code("table_landmark_contrasts"),
    message:
        "Tables: contrasts from landmarks, checks of the Cox model"
    script:
        "../scripts/table_landmark_contrasts.py"


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


rule table_sensitivity:
    input:
        effects="<results>/models/sensitivity.parquet",
        diagnostics="<results>/models/weight_diagnostics.parquet",
        dropout_effects="<results>/tables/dropout_effects.csv",
        flow="<results>/flow.csv",
    output:
        sensitivity_csv="<results>/tables/sensitivity.csv",
        sensitivity_html="<results>/tables/sensitivity.html",
        weight_diagnostics_csv="<results>/tables/weight_diagnostics.csv",
        weight_diagnostics_html="<results>/tables/weight_diagnostics.html",
    log:
        "<logs>/table_sensitivity.log",
    params:
        **PUBLISHED,
        link=config["models"]["link"],
        code=code("table_sensitivity"),
    message:
        "Tables: sensitivity analyses and their weights"
    script:
        "../scripts/table_sensitivity.py"
