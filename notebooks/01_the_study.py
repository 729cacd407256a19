# %% [markdown]
# # The study
#
# Who was in it, who left, and what was rated. An answer about dropout is only as good as the data
# behind it, so look here first. [Back to the start](00_start_here.ipynb).

# %%
from rupture_outcome.pages.reading import results, say
from rupture_outcome.pages.sentences.study import (
    dropout_sentence,
    flow_sentence,
    prevalence_sentence,
    study_sentence,
)

study = results()
card = study.card
say(study_sentence(card))

# %% [markdown]
# ## Who was in it
#
# Every patient and every session is accounted for, from the study's files to the analysis.

# %%
say(flow_sentence(study.table("flow")))
study.figure("flow")

# %% [markdown]
# **For clinicians.** Ask who is missing: would the patients you worry about most have made it
# to the last box? The table describes those who were in the study.

# %%
study.html("sample_description")

# %% [markdown]
# ## Who left

# %%
say(dropout_sentence(study.table("dropout_effects"), card))
study.figure("endings")

# %% [markdown]
# **For clinicians.** Dropout is not one thing. Some who stop early are better and need no more,
# some move away, some are disappointed. Studies that define dropout differently count different
# people: compare rates only where the definition is the same. Agreed and other endings are kept
# apart from dropout throughout.

# %% [markdown]
# ## What was rated

# %%
study.figure("ratings")

# %% [markdown]
# **For clinicians.** Questionnaires are missing for reasons. A patient who is annoyed with
# the therapist may leave the form blank, and the last session before leaving is the one least
# often rated. Sessions without a rating are left open here, never filled in as "no rupture".

# %% [markdown]
# ## How often ruptures were found

# %%
say(prevalence_sentence(study.table("rupture_prevalence"), card))
study.html("rupture_prevalence")

# %% [markdown]
# **For clinicians.** Each definition looks through another window: patients, therapists and scores
# notice different ruptures. Ratings also go up and down for no reason. For definitions from scores,
# the table also says how many detections the same rule makes by chance, when each patient's scores
# are put in random order. Where no more than that were found, a single detection may well be an
# ordinary down, and counts of them say little.

# %% [markdown]
# ## What it looks like in single patients

# %%
study.figure("alliance_courses")

# %% [markdown]
# **For clinicians.** Find a course that looks like one you know. Would you have called the marked
# sessions ruptures? Where you would disagree with the coding, the definition is at issue: the
# results are shown for every definition so that you can see how much hangs on it.
