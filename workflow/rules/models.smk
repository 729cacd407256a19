# Models: who drops out after a session, given whether a rupture is open or repaired at it.
# needs: study/clean, study/scored, coding/states, coding/ruptures
# gives: models/person_sessions.parquet, models/{hazard,naive,landmark,cox}_effects.parquet, models/dropout_effects.parquet,
#        models/{cumulative_incidence,landmark_contrasts,cox_checks}.parquet, models/{hazard,primary_hazard}.json,
#        models/{naive,landmark,cox}_fits.json


rule person_sessions:
    input:
        sessions="<results>/study/scored/sessions.parquet",
        patients="<results>/study/clean/patients.parquet",
        endings="<results>/study/clean/endings.parquet",
        states="<results>/coding/states.parquet",
        ruptures="<results>/coding/ruptures.parquet",
    output:
        person_sessions="<results>/models/person_sessions.parquet",
        flow="<results>/models/person_sessions_flow.csv",
    log:
        "<logs>/person_sessions.log",
    params:
        **part("coding", "clock", "dropout", "instruments"),
        covariates=config["models"]["covariates"],
        code=code("person_sessions"),
    message:
        "Building the person-sessions at risk of dropout"
    script:
        "../scripts/person_sessions.py"


rule hazard_effects:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
    output:
        effects="<results>/models/hazard_effects.parquet",
        fits="<results>/models/hazard.json",
        primary_hazard="<results>/models/primary_hazard.json",
    log:
        "<logs>/hazard_effects.log",
    params:
        **fitted("dropout"),
        primary=config["coding"]["primary"],
        code=code("hazard_effects"),
    message:
        "Fitting multilevel hazards of dropout"
    script:
        "../scripts/hazard_effects.py"


rule naive_effects:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
    output:
        effects="<results>/models/naive_effects.parquet",
        fits="<results>/models/naive_fits.json",
    log:
        "<logs>/naive_effects.log",
    params:
        **fitted("dropout"),
        code=code("naive_effects"),
    message:
        "Making the naive comparison, to be shown as biased"
    script:
        "../scripts/naive_effects.py"


rule cumulative_incidence:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
    output:
        incidence="<results>/models/cumulative_incidence.parquet",
        effects="<results>/models/landmark_effects.parquet",
        fits="<results>/models/landmark_fits.json",
    log:
        "<logs>/cumulative_incidence.log",
    params:
        **part("models", "clock", "dropout", "seed"),
        code=code("cumulative_incidence"),
    message:
        "Estimating cumulative incidence from landmarks"
    script:
        "../scripts/cumulative_incidence.py"


rule landmark_contrasts:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
    output:
        contrasts="<results>/models/landmark_contrasts.parquet",
    log:
        "<logs>/landmark_contrasts.log",
    params:
        **part("models", "seed"),
        code=code("landmark_contrasts"),
    message:
        "Contrasting repaired and unrepaired ruptures from landmarks"
    script:
        "../scripts/landmark_contrasts.py"


rule cox_effects:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
    output:
        effects="<results>/models/cox_effects.parquet",
        checks="<results>/models/cox_checks.parquet",
        fits="<results>/models/cox_fits.json",
    log:
        "<logs>/cox_effects.log",
    params:
        **fitted("dropout"),
        code=code("cox_effects"),
    message:
        "Fitting Cox models of dropout and checking proportional hazards"
    script:
        "../scripts/cox_effects.py"


rule dropout_effects:
    input:
        "<results>/models/hazard_effects.parquet",
        "<results>/models/naive_effects.parquet",
        "<results>/models/landmark_effects.parquet",
        "<results>/models/cox_effects.parquet",
    output:
        effects="<results>/models/dropout_effects.parquet",
    log:
        "<logs>/dropout_effects.log",
    params:
        code=code("dropout_effects"),
    message:
        "Collecting the effects on dropout"
    script:
        "../scripts/dropout_effects.py"
