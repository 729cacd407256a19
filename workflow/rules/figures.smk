# Figures: drawn from published tables where there is one, else with small counts left out.
# needs: tables, study/scored, coding
# gives: figures/*.{svg,png,alt.txt}


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


rule figure_onset_courses:
    input:
        sessions="<results>/study/scored/sessions.parquet",
        episodes="<results>/coding/episodes.parquet",
    output:
        **figure("onset_courses"),
    log:
        "<logs>/figure_onset_courses.log",
    params:
        **PUBLISHED,
        primary=config["coding"]["primary"],
        code=code("figure_onset_courses"),
    message:
        "Figure: alliance around the first rupture"
    script:
        "../scripts/figure_onset_courses.py"


rule figure_chance:
    input:
        prevalence="<results>/tables/rupture_prevalence.csv",
    output:
        **figure("chance"),
    log:
        "<logs>/figure_chance.log",
    params:
        **PUBLISHED,
        code=code("figure_chance"),
    message:
        "Figure: ruptures found, and expected by chance"
    script:
        "../scripts/figure_chance.py"


rule figure_definition_heatmap:
    input:
        agreement="<results>/tables/definition_agreement.csv",
    output:
        **figure("definition_heatmap"),
    log:
        "<logs>/figure_definition_heatmap.log",
    params:
        **PUBLISHED,
        code=code("figure_definition_heatmap"),
    message:
        "Figure: agreement between definitions"
    script:
        "../scripts/figure_definition_heatmap.py"


rule figure_definition_sets:
    input:
        sets="<results>/tables/detected_by.csv",
    output:
        **figure("definition_sets"),
    log:
        "<logs>/figure_definition_sets.log",
    params:
        **PUBLISHED,
        code=code("figure_definition_sets"),
    message:
        "Figure: which definitions find the same sessions"
    script:
        "../scripts/figure_definition_sets.py"


rule figure_cases:
    input:
        cases="<results>/coding/cases.parquet",
    output:
        svg=expand("<results>/figures/{case}.svg", case=CASES),
        png=expand("<results>/figures/{case}.png", case=CASES),
        alt=expand("<results>/figures/{case}.alt.txt", case=CASES),
    log:
        "<logs>/figure_cases.log",
    params:
        **PUBLISHED,
        instruments=config["instruments"],
        code=code("figure_cases"),
    message:
        "Figures: selected cases under every definition"
    script:
        "../scripts/figure_cases.py"


rule figure_strategies:
    input:
        strategies="<results>/tables/strategy_resolution.csv",
    output:
        **figure("strategies"),
    log:
        "<logs>/figure_strategies.log",
    params:
        **PUBLISHED,
        code=code("figure_strategies"),
    message:
        "Figure: markers, strategies and resolution"
    script:
        "../scripts/figure_strategies.py"
