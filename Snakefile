# Entry: the workflow is in workflow/; an include alone would have no target.
include: "workflow/Snakefile"


rule default:
    default_target: True
    input:
        rules.all.input,
