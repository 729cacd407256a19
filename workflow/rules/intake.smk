# Intake: the study's own tables -> tables in the names and codes of the contract, clean and scored.
# needs: the study's folder with its datapackage.json
# gives: study/read, study/clean (five tables each, with the flow of persons), study/scored/sessions.parquet;
#        study/read/inputs.json holds the checksum of each file as it was read, truth.csv what is simulated


rule read_study:
    input:
        study=STUDY_FILES,
        truth=truth_files(config["study"]),
    output:
        **study_tables("<results>/study/read"),
        **TRUTH,
        flow="<results>/study/read/flow.csv",
        inputs="<results>/study/read/inputs.json",
    log:
        "<logs>/read_study.log",
    params:
        config=part(
            "study",
            "columns",
            "values",
            "clock",
            "instruments",
            "cleaning",
            "coding",
            "dropout",
        )
        | {"models": {"covariates": config["models"]["covariates"]}},
        code=code("read_study"),
    message:
        "Reading the study by its dictionary and checking it"
    script:
        "../scripts/read_study.py"


rule clean_study:
    input:
        **study_tables("<results>/study/read"),
    output:
        **study_tables("<results>/study/clean"),
        flow="<results>/study/clean/flow.csv",
    log:
        "<logs>/clean_study.log",
    params:
        cleaning=config["cleaning"],
        code=code("clean_study"),
    message:
        "Cleaning the study"
    script:
        "../scripts/clean_study.py"


rule score_sessions:
    input:
        sessions="<results>/study/clean/sessions.parquet",
    output:
        sessions="<results>/study/scored/sessions.parquet",
        completeness="<results>/study/scored/completeness.csv",
    log:
        "<logs>/score_sessions.log",
    params:
        instruments=config["instruments"],
        code=code("score_sessions"),
    message:
        "Scoring the instruments"
    script:
        "../scripts/score_sessions.py"
