# Tables: what the stages give -> what may be shown, small counts suppressed, as CSV and HTML.
# needs: what intake, coding, agreement and models give
# gives: flow.csv, tables/*.{csv,html}


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


rule table_definition_agreement:
    input:
        agreement="<results>/coding/definition_agreement.parquet",
        prevalence="<results>/tables/rupture_prevalence.csv",
        flow="<results>/flow.csv",
    output:
        csv="<results>/tables/definition_agreement.csv",
        html="<results>/tables/definition_agreement.html",
    log:
        "<logs>/table_definition_agreement.log",
    params:
        **PUBLISHED,
        code=code("table_definition_agreement"),
    message:
        "Table: agreement between definitions"
    script:
        "../scripts/table_definition_agreement.py"


rule table_detected_by:
    input:
        sets="<results>/coding/detected_by.parquet",
        prevalence="<results>/tables/rupture_prevalence.csv",
    output:
        csv="<results>/tables/detected_by.csv",
        html="<results>/tables/detected_by.html",
    log:
        "<logs>/table_detected_by.log",
    params:
        **PUBLISHED,
        code=code("table_detected_by"),
    message:
        "Table: sets of definitions that find the same sessions"
    script:
        "../scripts/table_detected_by.py"


rule table_onset_agreement:
    input:
        agreement="<results>/coding/onset_agreement.parquet",
        flow="<results>/flow.csv",
    output:
        csv="<results>/tables/onset_agreement.csv",
        html="<results>/tables/onset_agreement.html",
    log:
        "<logs>/table_onset_agreement.log",
    params:
        **PUBLISHED,
        code=code("table_onset_agreement"),
    message:
        "Table: ruptures that two definitions share"
    script:
        "../scripts/table_onset_agreement.py"


rule table_definition_accuracy:
    input:
        accuracy="<results>/coding/definition_accuracy.parquet",
    output:
        csv="<results>/tables/definition_accuracy.csv",
        html="<results>/tables/definition_accuracy.html",
    log:
        "<logs>/table_definition_accuracy.log",
    params:
        **PUBLISHED,
        code=code("table_definition_accuracy"),
    message:
        "Table: definitions against the truth of a simulated study"
    script:
        "../scripts/table_definition_accuracy.py"


rule table_threshold_sweep:
    input:
        sweep="<results>/coding/threshold_sweep.parquet",
        prevalence="<results>/tables/rupture_prevalence.csv",
    output:
        csv="<results>/tables/threshold_sweep.csv",
        html="<results>/tables/threshold_sweep.html",
    log:
        "<logs>/table_threshold_sweep.log",
    params:
        **PUBLISHED,
        code=code("table_threshold_sweep"),
    message:
        "Table: ruptures as thresholds move"
    script:
        "../scripts/table_threshold_sweep.py"


rule table_cases:
    input:
        cases="<results>/coding/cases.parquet",
    output:
        csv="<results>/tables/cases.csv",
        html="<results>/tables/cases.html",
    log:
        "<logs>/table_cases.log",
    params:
        **PUBLISHED,
        code=code("table_cases"),
    message:
        "Table: selected cases under every definition"
    script:
        "../scripts/table_cases.py"


rule table_rater_agreement:
    input:
        agreement="<results>/coding/rater_agreement.parquet",
        flow="<results>/flow.csv",
    output:
        csv="<results>/tables/rater_agreement.csv",
        html="<results>/tables/rater_agreement.html",
    log:
        "<logs>/table_rater_agreement.log",
    params:
        **PUBLISHED,
        code=code("table_rater_agreement"),
    message:
        "Table: agreement between observers"
    script:
        "../scripts/table_rater_agreement.py"


rule table_strategy_resolution:
    input:
        strategies="<results>/coding/strategy_resolution.parquet",
        flow="<results>/flow.csv",
    output:
        csv="<results>/tables/strategy_resolution.csv",
        html="<results>/tables/strategy_resolution.html",
    log:
        "<logs>/table_strategy_resolution.log",
    params:
        **PUBLISHED,
        code=code("table_strategy_resolution"),
    message:
        "Table: strategies and resolution"
    script:
        "../scripts/table_strategy_resolution.py"
