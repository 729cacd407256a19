# Figures of the evidence stage, drawn from published tables.
# needs: tables
# gives: figures/*.{svg,png,alt.txt}


rule figure_dropout_definitions:
    input:
        rates="<results>/tables/dropout_definitions.csv",
        patterns="<results>/tables/dropout_patterns.csv",
        effects="<results>/tables/dropout_definition_effects.csv",
    output:
        **figure("dropout_definitions"),
    log:
        "<logs>/figure_dropout_definitions.log",
    params:
        **PUBLISHED,
        **part("dropout"),
        code=code("figure_dropout_definitions"),
    message:
        "Figure: definitions of dropout"
    script:
        "../scripts/figure_dropout_definitions.py"


rule figure_hazard_models:
    input:
        models="<results>/tables/hazard_models.csv",
        margins="<results>/tables/hazard_margins.csv",
    output:
        **figure("hazard_models"),
    log:
        "<logs>/figure_hazard_models.log",
    params:
        **PUBLISHED,
        primary=config["coding"]["primary"],
        clock=config["clock"],
        code=code("figure_hazard_models"),
    message:
        "Figure: repair and dropout under other models"
    script:
        "../scripts/figure_hazard_models.py"


rule figure_landmark_contrasts:
    input:
        contrasts="<results>/tables/landmark_contrasts.csv",
    output:
        **figure("landmark_contrasts"),
    log:
        "<logs>/figure_landmark_contrasts.log",
    params:
        **PUBLISHED,
        primary=config["coding"]["primary"],
        clock=config["clock"],
        code=code("figure_landmark_contrasts"),
    message:
        "Figure: repaired against unrepaired ruptures from landmarks"
    script:
        "../scripts/figure_landmark_contrasts.py"


rule figure_moderator_effects:
    input:
        effects="<results>/tables/moderator_effects.csv",
    output:
        **figure("moderator_effects"),
    log:
        "<logs>/figure_moderator_effects.log",
    params:
        **PUBLISHED,
        code=code("figure_moderator_effects"),
    message:
        "Figure: effects on dropout by subgroup"
    script:
        "../scripts/figure_moderator_effects.py"


rule figure_literature:
    input:
        literature="<results>/tables/literature.csv",
    output:
        **figure("literature"),
    log:
        "<logs>/figure_literature.log",
    params:
        **PUBLISHED,
        code=code("figure_literature"),
    message:
        "Figure: this study beside the literature"
    script:
        "../scripts/figure_literature.py"


rule figure_sensitivity:
    input:
        effects="<results>/tables/sensitivity.csv",
    output:
        **figure("sensitivity"),
    log:
        "<logs>/figure_sensitivity.log",
    params:
        **PUBLISHED,
        link=config["models"]["link"],
        code=code("figure_sensitivity"),
    message:
        "Figure: how far the effect of repair could move"
    script:
        "../scripts/figure_sensitivity.py"
