# %% [markdown]
# # Recognising ruptures
#
# Published rates of ruptures run from a tenth to nearly all. Much of this is
# not a difference between patients but between definitions: who is asked, what counts, and which
# sessions can be judged at all. This notebook puts the definitions side by side. [Back to the
# start](00_start_here.ipynb).

# %%
from rupture_outcome.pages.reading import results, say
from rupture_outcome.pages.sentences.ruptures import (
    accuracy_sentence,
    agreement_sentence,
    chance_sentence,
    definition_notes,
    onset_table,
    show_cases,
)
from rupture_outcome.pages.sentences.study import prevalence_sentence, study_sentence
from rupture_outcome.pages.threshold_widget import threshold_widget

study = results()
card = study.card
prevalence = study.table("rupture_prevalence")
say(study_sentence(card))

# %% [markdown]
# ## The same patients under every definition
#
# Each page shows one course: the ratings, the limits that a definition draws, and below them what
# every definition says of each session. A session is *detected*, *not detected* or *not testable*.

# %%
show_cases(study)

# %% [markdown]
# **For clinicians.** Choose the session that you would have called a rupture and read down its
# column. Definitions that disagree there are not wrong: they look through different windows. A
# score falls when the patient feels less understood; a report needs that someone noticed it and
# was willing to say so; an observer hears what was said, not what was thought.

# %% [markdown]
# ## Move a threshold
#
# Every definition has a point at which "a bit worse" becomes "a rupture". Nobody knows where it
# lies. Move it and watch three things: which sessions are coded, how many are found, and how many
# the same rule finds where there is nothing to find. It moves in the page that belongs to this
# notebook, and in JupyterLab once you run its cell or trust the notebook. Elsewhere, all thresholds
# are shown as tables.

# %%
threshold_widget(study)

# %% [markdown]
# **For clinicians.** A lenient threshold misses little and cries wolf. A strict one can be trusted
# when it speaks, and is silent most of the time. If you want to be *asked* by a monitoring system
# when something might be wrong, choose lenient; if you want to *count* ruptures, compare with what
# chance gives at the same threshold. Do not choose the threshold by the result that you like.

# %% [markdown]
# ## How often ruptures were found, and how often by chance

# %%
say(prevalence_sentence(prevalence, card))
study.html("rupture_prevalence")

# %%
say(chance_sentence(prevalence))
study.figure("chance")

# %% [markdown]
# **How to read this.** There are two ways to ask what chance gives, and they answer different
# questions.
#
# - **By chance**: each patient's own scores, in random order. It asks whether the *order* of the
#   scores matters. This number can exceed what was found, and that is no error: the alliance of a
#   real patient changes slowly, so neighbouring sessions are alike. Shuffled scores jump from a
#   good week to a bad one and back, and every jump down is a "fall".
# - **Without change**: a patient whose alliance stays the same, rated with the questionnaire's
#   usual error. It asks how many falls are no more than noise on the form.
#
# **For clinicians.** If noise alone gives nearly as many falls as were found, a single fall tells
# you little; ask before you interpret. If far more were found, something moves, though not every
# move is a rupture. What people report has no such number: whoever reports a rupture means one.

# %% [markdown]
# ## Do the definitions mean the same?

# %%
agreement = study.table("definition_agreement")
say(agreement_sentence(agreement))
study.figure("definition_heatmap")

# %%
study.figure("definition_sets")

# %% [markdown]
# **How to read this.** *Kappa* is agreement beyond what two definitions would reach by saying
# "rupture" equally often at random: 1 is perfect, 0 is no more than that. It is computed over
# sessions that both definitions can test. The second figure counts sessions by *which* definitions
# found a rupture in them, among sessions that all of the definitions shown can test.
#
# **For clinicians.** When two studies disagree about ruptures, look first at how they found them. A
# rupture that only the patient saw and one that only the score shows may call for different
# things: the first can be spoken about, the second has to be discovered first.

# %% [markdown]
# Definitions may also see the same rupture a session apart. The table allows for that; it counts
# beginnings of ruptures. All pairs of definitions are in the table `onset_agreement` of the
# results.

# %%
say(onset_table(study.table("onset_agreement"), card))

# %% [markdown]
# ## Against what really happened

# %%
accuracy = study.table("definition_accuracy")
say(accuracy_sentence(accuracy, card))
study.html("definition_accuracy") if len(accuracy) else None

# %% [markdown]
# Nobody knows when a real rupture began; only where patients were invented are there numbers here.
# They show how definitions differ in principle. How well any of them does with real patients
# depends on how real ruptures show in scores and reports, which an invented study has to assume.

# %% [markdown]
# ## What each definition can see, and what it cannot

# %%
say(definition_notes(prevalence, card))

# %% [markdown]
# Definitions that *look ahead* need later sessions to decide. They describe courses well and must
# not be used to explain who leaves: patients who left have no later sessions.
