# Checks: what a reader may rely on, and what everything was made from.
# needs: all results
# gives: checks.csv, manifest.json


rule check_results:
    input:
        flow=made_by(products()["flow"].raw.values()),
        published=CSV,
        fits=expand("<results>/models/{file}.json", file=FIT_FILES),
        prevalence="<results>/coding/prevalence.parquet",
        person_sessions="<results>/models/person_sessions.parquet",
    output:
        checks="<results>/checks.csv",
    log:
        "<logs>/check_results.log",
    params:
        threshold=Look.of(config).threshold,
        code=code("check_results"),
    message:
        "Checking the results"
    script:
        "../scripts/check_results.py"


rule write_manifest:
    input:
        inputs="<results>/study/read/inputs.json",
        products=[
            rules.write_report.output,
            rules.check_results.output,
            rules.check_results.input.fits,
            rules.write_report.input,
            rules.code_ruptures.output,
            rules.code_episodes.output,
        ],
        notebooks=expand("<results>/notebooks/{notebook}.ipynb", notebook=NOTEBOOKS),
    output:
        manifest="<results>/manifest.json",
    log:
        "<logs>/write_manifest.log",
    params:
        config=config,
        code=code("write_manifest"),
    message:
        "Writing the manifest"
    script:
        "../scripts/write_manifest.py"
