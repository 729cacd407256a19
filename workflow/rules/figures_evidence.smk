# Figures of the evidence stage, drawn from published tables.
# needs: tables
# gives: figures/*.{svg,png,alt.txt}


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
