# Figures of the evidence stage, drawn from published tables.
# needs: tables
# gives: figures/*.{svg,png,alt.txt}


rule figure_therapist_effects:
    input:
        effects="<results>/tables/therapist_effects.csv",
        variances="<results>/tables/therapist_variances.csv",
        relation="<results>/tables/therapist_relation.csv",
    output:
        **figure("therapist_effects"),
    log:
        "<logs>/figure_therapist_effects.log",
    params:
        **PUBLISHED,
        code=code("figure_therapist_effects"),
    message:
        "Figure: therapists in order"
    script:
        "../scripts/figure_therapist_effects.py"


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


rule figure_immortal_time:
    input:
        effects="<results>/tables/immortal_time.csv",
        courses="<results>/tables/immortal_time_courses.csv",
    output:
        **figure("immortal_time"),
    log:
        "<logs>/figure_immortal_time.log",
    params:
        code=code("figure_immortal_time"),
    message:
        "Figure: a world in which the effect of repair is known"
    script:
        "../scripts/figure_immortal_time.py"
