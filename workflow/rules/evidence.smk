# Evidence: how far the main result holds: other models, other definitions of dropout, states, therapists, subgroups, bias.
# needs: models/person_sessions, models/primary_hazard, study/clean, study/scored, coding/ruptures, coding/states
# gives: models/{hazard_models,hazard_margins,dropout_*,state_occupancy,transition_*,time_in_state,repair_what_if}.parquet,
#        models/{therapist_*,moderator_effects,sensitivity,hidden_*,growth_effects,failure_*,within_*,weight_diagnostics,immortal_time*}.parquet, models/*_fits.json


rule hazard_models:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
        ruptures="<results>/coding/ruptures.parquet",
        patients="<results>/study/clean/patients.parquet",
        states="<results>/coding/states.parquet",
        primary_hazard="<results>/models/primary_hazard.json",
    output:
        effects="<results>/models/hazard_models.parquet",
        margins="<results>/models/hazard_margins.parquet",
        fits="<results>/models/hazard_models_fits.json",
    log:
        "<logs>/hazard_models.log",
    params:
        **fitted("dropout"),
        primary=config["coding"]["primary"],
        code=code("hazard_models"),
    message:
        "Fitting the main hazard under other models"
    script:
        "../scripts/hazard_models.py"


rule dropout_definitions:
    input:
        sessions="<results>/study/scored/sessions.parquet",
        patients="<results>/study/clean/patients.parquet",
        endings="<results>/study/clean/endings.parquet",
        states="<results>/coding/states.parquet",
        ruptures="<results>/coding/ruptures.parquet",
        primary_hazard="<results>/models/primary_hazard.json",
    output:
        rates="<results>/models/dropout_rates.parquet",
        overlap="<results>/models/dropout_overlap.parquet",
        patterns="<results>/models/dropout_patterns.parquet",
        effects="<results>/models/dropout_definition_effects.parquet",
        fits="<results>/models/dropout_definition_fits.json",
    log:
        "<logs>/dropout_definitions.log",
    params:
        **fitted("clock", "dropout", "instruments", "seed"),
        primary=config["coding"]["primary"],
        code=code("dropout_definitions"),
    message:
        "Comparing definitions of dropout"
    script:
        "../scripts/dropout_definitions.py"


rule state_occupancy:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
    output:
        state_occupancy="<results>/models/state_occupancy.parquet",
        transition_probabilities="<results>/models/transition_probabilities.parquet",
        transition_hazards="<results>/models/transition_hazards.parquet",
        time_in_state="<results>/models/time_in_state.parquet",
        repair_what_if="<results>/models/repair_what_if.parquet",
        fits="<results>/models/multistate_fits.json",
    log:
        "<logs>/state_occupancy.log",
    params:
        **part("models", "seed"),
        primary=config["coding"]["primary"],
        code=code("state_occupancy"),
    message:
        "Following patients through states, and what if more ruptures were repaired"
    script:
        "../scripts/state_occupancy.py"


rule therapist_effects:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
        primary_hazard="<results>/models/primary_hazard.json",
    output:
        effects="<results>/models/therapist_effects.parquet",
        variances="<results>/models/therapist_variances.parquet",
        relation="<results>/models/therapist_relation.parquet",
        fits="<results>/models/therapist_fits.json",
    log:
        "<logs>/therapist_effects.log",
    params:
        **fitted(),
        primary=config["coding"]["primary"],
        code=code("therapist_effects"),
    message:
        "Estimating how much therapists differ"
    script:
        "../scripts/therapist_effects.py"


rule moderator_effects:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
        patients="<results>/study/clean/patients.parquet",
        ruptures="<results>/coding/ruptures.parquet",
        markers="<results>/study/clean/markers.parquet",
        ratings="<results>/study/clean/ratings.parquet",
        primary_hazard="<results>/models/primary_hazard.json",
    output:
        effects="<results>/models/moderator_effects.parquet",
        fits="<results>/models/moderator_fits.json",
    log:
        "<logs>/moderator_effects.log",
    params:
        **fitted("dropout"),
        primary=config["coding"]["primary"],
        code=code("moderator_effects"),
    message:
        "Fitting hazards of dropout by subgroup"
    script:
        "../scripts/moderator_effects.py"


rule sensitivity:
    input:
        **TRUTH,
        person_sessions="<results>/models/person_sessions.parquet",
        sessions="<results>/study/scored/sessions.parquet",
        primary_hazard="<results>/models/primary_hazard.json",
    output:
        effects="<results>/models/sensitivity.parquet",
        diagnostics="<results>/models/weight_diagnostics.parquet",
        fits="<results>/models/sensitivity_fits.json",
    log:
        "<logs>/sensitivity.log",
    params:
        **fitted("coding", "seed"),
        code=code("sensitivity"),
    message:
        "Asking how far the effect of repair could move"
    script:
        "../scripts/sensitivity.py"


rule hidden_states:
    input:
        **TRUTH,
        person_sessions="<results>/models/person_sessions.parquet",
        sessions="<results>/study/scored/sessions.parquet",
        ratings="<results>/study/clean/ratings.parquet",
    output:
        effects="<results>/models/hidden_states.parquet",
        reports="<results>/models/hidden_state_reports.parquet",
        fits="<results>/models/hidden_states_fits.json",
    log:
        "<logs>/hidden_states.log",
    params:
        **fitted("coding", "instruments"),
        code=code("hidden_states"),
    message:
        "Telling the states from all reports together"
    script:
        "../scripts/hidden_states.py"


rule immortal_time:
    input:
        # nothing is read from it: a study that cannot be read stops the run before anything is made
        ancient("<results>/study/read/flow.csv"),
    output:
        effects="<results>/models/immortal_time.parquet",
        times="<results>/models/immortal_time_sessions.parquet",
        courses="<results>/models/immortal_time_courses.parquet",
    log:
        "<logs>/immortal_time.log",
    params:
        **part("seed"),
        confidence=config["models"]["confidence"],
        code=code("immortal_time"),
    message:
        "Simulating a world in which the effect of repair is known"
    script:
        "../scripts/immortal_time.py"


rule growth_effects:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
        sessions="<results>/study/scored/sessions.parquet",
    output:
        effects="<results>/models/growth_effects.parquet",
        fits="<results>/models/growth_fits.json",
    log:
        "<logs>/growth_effects.log",
    params:
        **fitted(),
        primary=config["coding"]["primary"],
        code=code("growth_effects"),
    message:
        "Fitting growth of symptoms and alliance by the state of ruptures"
    script:
        "../scripts/growth_effects.py"


rule failure_effects:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
        sessions="<results>/study/scored/sessions.parquet",
        patients="<results>/study/clean/patients.parquet",
    output:
        effects="<results>/models/failure_effects.parquet",
        flow="<results>/models/failure_flow.parquet",
        cutoffs="<results>/models/failure_cutoffs.parquet",
        fits="<results>/models/failure_fits.json",
    log:
        "<logs>/failure_effects.log",
    params:
        **fitted("instruments", "failure"),
        primary=config["coding"]["primary"],
        code=code("failure_effects"),
    message:
        "Judging who has got better, and comparing by the state of ruptures"
    script:
        "../scripts/failure_effects.py"


rule within_effects:
    input:
        person_sessions="<results>/models/person_sessions.parquet",
        sessions="<results>/study/scored/sessions.parquet",
    output:
        effects="<results>/models/within_effects.parquet",
        panels="<results>/models/within_panels.parquet",
    log:
        "<logs>/within_effects.log",
    params:
        **fitted(),
        panel_sessions=config["models"]["panel_sessions"],
        primary=config["coding"]["primary"],
        code=code("within_effects"),
    message:
        "Estimating what a session says of the next one within patients"
    script:
        "../scripts/within_effects.py"
