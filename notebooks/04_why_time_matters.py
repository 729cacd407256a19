# %% [markdown]
# # Why time matters
#
# **To be repaired, one has to stay: whoever compares patients with and without a repaired rupture
# finds that repair keeps patients in treatment, even where it does nothing.** This notebook shows
# it in a world where the truth is known. [Back to the start](00_start_here.ipynb).

# %%
from rupture_outcome.pages.reading import results, say
from rupture_outcome.pages.sentences.repair import beside_sentence
from rupture_outcome.pages.sentences.study import study_sentence
from rupture_outcome.pages.sentences.time import (
    harm_sentence,
    misplaced_sentence,
    null_world_sentence,
)
from rupture_outcome.pages.time_widget import time_widget

study = results()
worlds = study.table("immortal_time")

# %% [markdown]
# ## A world in which repair does nothing
#
# Imagine 600 patients, each of whom may have 16 sessions. After every session but the last, three
# in a hundred drop out, whatever happened before. Ruptures come by chance (in 15 of 100 sessions
# when none is open) and go by chance (in 30 of 100 when one is). Repair changes nothing in this
# world. What do analyses find?

# %%
say(null_world_sentence(worlds))

# %% [markdown]
# **For clinicians.** Nobody cheated, nothing was measured badly, and there are no better or worse
# therapists here. Each of the simulated studies was analysed as real ones often are, and finds what
# it hoped to find.

# %% [markdown]
# ## How it comes about
#
# Look at the patients on the left. The thick line marks sessions in which no rupture was repaired
# yet, many of them before the rupture began. The naive comparison counts them all as
# treatment "with repair", because it looks at the end to say what a patient is.

# %%
study.figure("immortal_time")

# %% [markdown]
# During the marked sessions a patient of the upper group *could not* drop out: whoever does, has no
# repair and is counted below. This is called **immortal time**. It makes the repaired look safe,
# and it is taken from the others, who seem to leave all the more.

# %%
say(misplaced_sentence(study.table("immortal_time_sessions")))
study.html("immortal_time_sessions")

# %% [markdown]
# **For clinicians.** You know the pattern from elsewhere: people who have celebrated many birthdays
# live longer. Birthdays do not protect; one has to live to have them. If you look back on a year of
# patients, those with whom you worked through a rupture are those who came long enough.

# %% [markdown]
# ## Move the truth
#
# Let repair do something: keep patients in treatment (left), or drive them away (right). Watch
# which of the analyses follows the truth. It moves in the page that belongs to this notebook, and
# in JupyterLab once you run its cell or trust the notebook. Elsewhere it is a table.

# %%
time_widget(study)

# %%
say(harm_sentence(worlds))

# %% [markdown]
# **How to read this.** A point is the average of many studies; its line holds 95% of them.
#
# - **Naive** stays far to the left of the truth wherever that is. More patients do not help: the
#   line gets shorter around the wrong point.
# - **Session by session** asks at each session who leaves next, given what is known *at that
#   session*. Nothing that happens later decides where a session is counted.
# - **From session 6 on** sorts patients by their state at one session and follows them. This is
#   fair, too, but asks another question: open ruptures are repaired later, repaired ones are
#   followed by new ones, so that the two groups become alike and the ratio is nearer to 1.
#
# The table `immortal_time` of the results also says how often intervals hold the truth.

# %% [markdown]
# ## The same in this study

# %%
say(study_sentence(study.card))
say(beside_sentence(study.table("dropout_effects"), study.card))

# %% [markdown]
# The first number is what the comparison of patients gives and answers no question. The second
# is the one that the [main result](03_repair_and_dropout.ipynb) uses. How far they lie apart
# depends on how long ruptures stay open and how many patients leave early. In a real study there
# may be other biases besides: counting by session removes this one and no other.

# %% [markdown]
# ## What to take away
#
# 1. Ask of any study: *when was it known* that a patient belongs to the group with repair? If the
#    answer is "at the end", its comparison with dropout cannot be used.
# 2. An effect in the hoped-for direction, large and highly significant, is what this mistake
#    produces. Size and significance are no defence.
# 3. A rupture in the last session before leaving is an *open* one, and that session is counted with
#    the open ones. It is not one that "was not repaired": nobody knows what would have come of it.
# 4. The same holds for anything that takes time to happen in treatment: completing a module,
#    reaching a good alliance, receiving feedback.

# %% [markdown]
# ## To read on
#
# - Suissa (2008), *Immortal time bias in pharmacoepidemiology*, American Journal of Epidemiology:
#   what immortal time is and how large the bias becomes. **Verified** in its abstract: a span in
#   which, by the definition of exposure, the outcome cannot occur; first seen in the 1970s in
#   studies of heart transplants.
# - Zheng and others (2023), Frontiers in Medicine: simulated patients with a lung disease, analysed
#   in four ways. **Verified** in its abstract: with the exposure fixed in time the hazard ratio was
#   0.55, from a landmark 0.69, with exposure that changes over time 0.93.
# - Gülüm (2016) counted sessions before dropout as unrepaired ruptures, so that the outcome defined
#   the exposure. **Verified** by this project.
# - Anderson, Cain & Gelber (1983), *Analysis of survival by tumor response*, Journal of Clinical
#   Oncology: to respond to treatment one has to live until then; landmarks. **Recalled**, not read.
# - van Houwelingen & Putter (2012), *Dynamic Prediction in Clinical Survival Analysis*: landmarks.
#   **Recalled**, not read.
#
# The numbers above were not taken from anywhere; they are **computed** in every run of this project
# from the chances named at the beginning.
