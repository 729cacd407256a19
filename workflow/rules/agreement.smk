# Agreement: how definitions agree with each other and with the truth, and observers with each other.
# needs: study/clean, study/scored, coding/ruptures, coding/episodes
# gives: coding/{definition_agreement,detected_by,onset_agreement,recognition,definition_accuracy}.parquet,
#        coding/{rater_agreement,strategy_resolution}.parquet; without observers or truth they are empty


rule definition_agreement:
    input:
        ruptures="<results>/coding/ruptures.parquet",
    output:
        agreement="<results>/coding/definition_agreement.parquet",
    log:
        "<logs>/definition_agreement.log",
    params:
        **part("seed"),
        confidence=config["models"]["confidence"],
        code=code("definition_agreement"),
    message:
        "Comparing definitions, session by session"
    script:
        "../scripts/definition_agreement.py"


rule detected_by:
    input:
        ruptures="<results>/coding/ruptures.parquet",
    output:
        sets="<results>/coding/detected_by.parquet",
    log:
        "<logs>/detected_by.log",
    params:
        code=code("detected_by"),
    message:
        "Counting which definitions detect the same sessions"
    script:
        "../scripts/detected_by.py"


rule onset_agreement:
    input:
        episodes="<results>/coding/episodes.parquet",
        ruptures="<results>/coding/ruptures.parquet",
    output:
        agreement="<results>/coding/onset_agreement.parquet",
    log:
        "<logs>/onset_agreement.log",
    params:
        primary=config["coding"]["primary"],
        code=code("onset_agreement"),
    message:
        "Matching the ruptures of different definitions"
    script:
        "../scripts/onset_agreement.py"


rule recognition:
    input:
        ruptures="<results>/coding/ruptures.parquet",
        sessions="<results>/study/scored/sessions.parquet",
    output:
        recognition="<results>/coding/recognition.parquet",
    log:
        "<logs>/recognition.log",
    params:
        coding=config["coding"],
        confidence=config["models"]["confidence"],
        code=code("recognition"),
    message:
        "Counting ruptures that another reporter sees, too"
    script:
        "../scripts/recognition.py"


rule definition_accuracy:
    input:
        **TRUTH,
        ruptures="<results>/coding/ruptures.parquet",
    output:
        accuracy="<results>/coding/definition_accuracy.parquet",
    log:
        "<logs>/definition_accuracy.log",
    params:
        confidence=config["models"]["confidence"],
        code=code("definition_accuracy"),
    message:
        "Comparing definitions with the truth of a simulated study"
    script:
        "../scripts/definition_accuracy.py"


rule rater_agreement:
    input:
        ratings="<results>/study/clean/ratings.parquet",
        markers="<results>/study/clean/markers.parquet",
    output:
        agreement="<results>/coding/rater_agreement.parquet",
    log:
        "<logs>/rater_agreement.log",
    params:
        **part("seed"),
        confidence=config["models"]["confidence"],
        code=code("rater_agreement"),
    message:
        "Comparing observers"
    script:
        "../scripts/rater_agreement.py"


rule strategy_resolution:
    input:
        markers="<results>/study/clean/markers.parquet",
        ratings="<results>/study/clean/ratings.parquet",
    output:
        strategies="<results>/coding/strategy_resolution.parquet",
    log:
        "<logs>/strategy_resolution.log",
    params:
        code=code("strategy_resolution"),
    message:
        "Following strategies from marker to resolution"
    script:
        "../scripts/strategy_resolution.py"
