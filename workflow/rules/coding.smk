# Coding: scored sessions -> ruptures under every definition, episodes and states under every repair rule.
# needs: study/clean, study/scored
# gives: coding/{ruptures,episodes,states}.parquet, coding/scales.csv,
#        coding/{prevalence,threshold_sweep,cases}.parquet


rule code_ruptures:
    input:
        sessions="<results>/study/scored/sessions.parquet",
        ratings="<results>/study/clean/ratings.parquet",
        markers="<results>/study/clean/markers.parquet",
    output:
        ruptures="<results>/coding/ruptures.parquet",
        scales="<results>/coding/scales.csv",
    log:
        "<logs>/code_ruptures.log",
    params:
        **part("instruments", "coding"),
        code=code("code_ruptures"),
    message:
        "Coding ruptures under every definition"
    script:
        "../scripts/code_ruptures.py"


rule code_episodes:
    input:
        sessions="<results>/study/scored/sessions.parquet",
        ruptures="<results>/coding/ruptures.parquet",
        ratings="<results>/study/clean/ratings.parquet",
    output:
        episodes="<results>/coding/episodes.parquet",
        states="<results>/coding/states.parquet",
    log:
        "<logs>/code_episodes.log",
    params:
        **part("instruments", "coding"),
        code=code("code_episodes"),
    message:
        "Coding episodes, repair and states"
    script:
        "../scripts/code_episodes.py"


rule rupture_prevalence:
    input:
        sessions="<results>/study/scored/sessions.parquet",
        ruptures="<results>/coding/ruptures.parquet",
        scales="<results>/coding/scales.csv",
    output:
        prevalence="<results>/coding/prevalence.parquet",
    log:
        "<logs>/rupture_prevalence.log",
    params:
        **part("instruments", "coding", "seed"),
        code=code("rupture_prevalence"),
    message:
        "Counting ruptures, and those expected by chance"
    script:
        "../scripts/rupture_prevalence.py"


rule threshold_sweep:
    input:
        **TRUTH,
        sessions="<results>/study/scored/sessions.parquet",
        ratings="<results>/study/clean/ratings.parquet",
        markers="<results>/study/clean/markers.parquet",
    output:
        sweep="<results>/coding/threshold_sweep.parquet",
    log:
        "<logs>/threshold_sweep.log",
    params:
        **part("instruments", "coding", "seed"),
        code=code("threshold_sweep"),
    message:
        "Moving the threshold of every definition"
    script:
        "../scripts/threshold_sweep.py"


rule cases:
    input:
        **TRUTH,
        sessions="<results>/study/scored/sessions.parquet",
        ratings="<results>/study/clean/ratings.parquet",
        markers="<results>/study/clean/markers.parquet",
        ruptures="<results>/coding/ruptures.parquet",
        scales="<results>/coding/scales.csv",
    output:
        cases="<results>/coding/cases.parquet",
    log:
        "<logs>/cases.log",
    params:
        **part("study", "disclosure", "instruments", "coding"),
        code=code("cases"),
    message:
        "Coding a few courses under every definition"
    script:
        "../scripts/cases.py"
