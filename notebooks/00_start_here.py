# %% [markdown]
# # Start here
#
# **Do ruptures in the alliance that are repaired keep patients in treatment?**
# This is the question of the study. A *rupture* is a moment when patient and therapist lose touch
# or pull in different directions: the alliance falls, or one of them says that something went
# wrong. A *repair* is when the two find back to each other.
#
# Nothing has to be installed or programmed to read on. These notebooks only read what the analysis
# has written; they estimate nothing themselves.

# %%
from rupture_outcome.pages.answer import headline, incidence_sentences, naive_sentence
from rupture_outcome.pages.reading import results, say
from rupture_outcome.pages.sentences.repair import multiplicity_sentence, robustness_sentences
from rupture_outcome.pages.sentences.study import choices_table, headline_basis, study_sentence

study = results()
card = study.card
effects = study.table("dropout_effects")
say(study_sentence(card))

# %% [markdown]
# ## The answer

# %%
say(f"> **{headline(effects, card)}**")
say(headline_basis(effects, card))
for sentence in robustness_sentences(
    study.table("sensitivity"), study.table("state_sessions"), card
):
    say(f"- {sentence}")
say(f"- {multiplicity_sentence(effects, card)}")

# %% [markdown]
# **How to read this.** At every session, the analysis takes all patients who are still in treatment
# and asks who leaves after it. It compares patients alike in session number and in the other
# characteristics named below, and allows that some therapists lose more patients than others. It
# does not compare patients of one therapist only: the row "Within and between therapists" of the
# other models does.
#
# - A ratio of **1** means no difference. **Below 1**, fewer leave after a repair than with an open
#   rupture; **above 1**, more. A ratio of 0.5 means half the odds, not half the patients.
# - The **confidence interval** is the range of ratios that go well with the data. If it includes 1,
#   the study cannot tell the direction.
# - It is a comparison of patients, not an experiment. Patients and therapists who repair may differ
#   from others in ways that nobody recorded.

# %%
for sentence in incidence_sentences(study.table("landmark_contrasts"), card):
    say(sentence)

# %% [markdown]
# ## The answer that looks right and is not
#
# The obvious comparison sorts *patients* into those whose rupture was ever repaired and those whose
# rupture never was. But repair takes time: who leaves early had no time for it and lands among the
# "never repaired". Leaving early is then counted as a consequence of what it caused. This is called
# *immortal time bias*.

# %%
say(naive_sentence(effects, card))

# %% [markdown]
# ## How ruptures and repairs are found
#
# Each attended session gets one of three verdicts: a rupture was **detected**, **not detected**, or
# the session was **not testable**, for example because a questionnaire is missing. A missing
# questionnaire is never taken for a good session.
#
# From these, each session gets a **state**, from what was known at that session and not from what
# came later. An invented patient:
#
# | Session | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |
# |---|---|---|---|---|---|---|---|---|
# | Alliance | 48 | 50 | 37 | 39 | 50 | 51 | 36 | – |
# | What happened | | | rupture | | repair | | rupture | left |
# | State | intact | intact | open | open | repaired | repaired | open | |
#
# The second rupture is still open when the patient leaves. Whether it would have been repaired is
# *not known*. The session counts as one with an *open* rupture, because that was known; nobody
# counts as somebody whose rupture "was not repaired" because of how treatment ended.

# %%
say(choices_table(card))

# %% [markdown]
# ## What to read, in which order
#
# 1. **Start here** – this page.
# 2. [**The study**](01_the_study.ipynb) – who was in it, who left, and what was rated.
# 3. [**Recognising ruptures**](02_recognising_ruptures.ipynb) – the same patients under every
#    definition, a threshold to move, and what chance would find.
# 4. [**Repair and dropout**](03_repair_and_dropout.ipynb) – the main result, what it rests on, and
#    what could be wrong with it.
# 5. [**Why time matters**](04_why_time_matters.ipynb) – a world in which repair does nothing, and
#    how the usual comparison finds an effect there all the same.
# 6. [**Addressing ruptures**](05_addressing_ruptures.ipynb) – what observers saw therapists do
#    about ruptures, and how well these were resolved.
# 7. [**Getting better**](06_getting_better.ipynb) – symptoms after ruptures and repair, who left
#    better and who stayed without getting better, and a cut-off to change.
#
# Each can be read on its own.
