# %% [markdown]
# # Repair and dropout
#
# Do ruptures that are repaired keep patients in treatment? The answer first, then what it rests on,
# and what could be wrong with it. [Back to the start](00_start_here.ipynb).

# %%
from rupture_outcome.pages.answer import headline, incidence_sentences, naive_sentence
from rupture_outcome.pages.reading import results, say
from rupture_outcome.pages.sentences.repair import (
    definitions_sentence,
    margins_sentence,
    moderators_sentence,
    multiplicity_sentence,
    robustness_sentences,
    therapists_sentence,
    time_sentence,
    what_if_sentence,
)
from rupture_outcome.pages.sentences.study import headline_basis, study_sentence

study = results()
card = study.card
effects = study.table("dropout_effects")
say(f"> **{headline(effects, card)}**")

# %%
say(study_sentence(card))
say(headline_basis(effects, card))

# %% [markdown]
# **For clinicians.** The sentence compares sessions after which a rupture was open with sessions
# after which the last one was repaired, among patients who were still there. It does not say that
# repair *causes* patients to stay: alliances that can be repaired may be sturdier to begin with.

# %% [markdown]
# ## Session by session
#
# The main answer, and the naive comparison beside it as a warning;
# [why it misleads](04_why_time_matters.ipynb) has a notebook of its own.

# %%
say(naive_sentence(effects, card))
study.figure("dropout_effects")

# %% [markdown]
# ## Under every definition, rule and analysis

# %%
say(multiplicity_sentence(effects, card))
study.figure("specification_curve")

# %% [markdown]
# **For clinicians.** Read along the points and ask whether they lie on the same side, rather than
# which of them is significant. Definitions that see different ruptures may well differ.

# %% [markdown]
# ## In sessions out of a hundred
#
# Odds ratios are hard to picture. These are the chances behind them, for patients alike in session
# number, in the characteristics that were taken into account, and with an average of therapists.

# %%
say(margins_sentence(study.table("hazard_margins"), study.table("state_sessions"), card))
study.figure("hazard_margins")

# %%
study.html("hazard_margins")

# %% [markdown]
# **For clinicians.** The chance of leaving after any one session is small, and so is its
# difference between states. Over a whole treatment small chances add up.

# %%
study.figure("hazard_models")

# %% [markdown]
# **For clinicians.** This shows whether the answer changes if the model is built in another way;
# where it hardly moves, it does not hang on such choices.

# %% [markdown]
# ## From a landmark session on
#
# Take everybody who is in treatment at a certain session and has had a rupture, sort them by
# whether it is open or repaired at that session, and follow them.

# %%
for sentence in incidence_sentences(study.table("landmark_contrasts"), card):
    say(sentence)
study.figure("cumulative_incidence")

# %%
study.html("landmark_contrasts")

# %% [markdown]
# **For clinicians.** This is what you could tell at such a session: of patients like this one, how
# many will leave? The groups mix later on, as open ruptures are repaired and new ones begin, so the
# difference is smaller than session by session. Agreed endings are counted apart: who has
# ended well cannot drop out any more.

# %% [markdown]
# ## Where patients stand over time

# %%
say(time_sentence(study.table("time_in_state"), card))
study.figure("state_occupancy")

# %% [markdown]
# **For clinicians.** Look at how many have an open rupture at any time, and at how few of them
# leave after the next session. To have a rupture and to leave are two things; how long it stays
# open may matter more than that it came.

# %% [markdown]
# ### What if more were repaired?

# %%
say(what_if_sentence(study.table("repair_what_if"), card))
study.figure("repair_what_if")

# %% [markdown]
# **For clinicians.** Read this as a calculation, not as a bound: it can be too large and too small.
# Too large, because it takes for granted that therapists who repair more do so because of what they
# do, and that others could do the same with their patients. No data of this kind can show that. Too
# small, because it takes ruptures and repairs as coded without error: errors make therapists look
# more alike than they are, and dropout look as if it depended less on whether a rupture is open.

# %% [markdown]
# ## Therapists

# %%
variances, relation = study.table("therapist_variances"), study.table("therapist_relation")
say(therapists_sentence(variances, relation, card))
study.figure("therapist_effects")

# %% [markdown]
# **For clinicians.** Each line is a therapist, drawn towards the average because a few patients say
# little about anyone. Where lines overlap widely the order is mostly luck: do not rank colleagues,
# or yourself, by such a figure.

# %% [markdown]
# ## For whom?

# %%
say(moderators_sentence(study.table("moderator_effects")))
study.figure("moderator_effects")

# %% [markdown]
# **For clinicians.** Subgroups are small. One that stands out among many is more often chance than
# discovery, and "no clear sign of a difference" does not mean "the same for everyone".

# %% [markdown]
# ## What counts as dropout?

# %%
say(definitions_sentence(study.table("dropout_definitions")))
study.figure("dropout_definitions")

# %%
study.figure("dropout_patterns")

# %%
study.figure("dropout_definition_effects")

# %% [markdown]
# **For clinicians.** A patient who stops coming, one whom the therapist calls a dropout and one who
# leaves before the planned end are often three different people. Compare a study with another, or
# with your own practice, only where the definition is the same.

# %% [markdown]
# ## What could be wrong with it?

# %%
for sentence in robustness_sentences(
    study.table("sensitivity"), study.table("state_sessions"), card
):
    say(f"- {sentence}")
study.figure("sensitivity")

# %%
study.figure("untested_sessions")

# %%
study.figure("coding_errors")

# %% [markdown]
# **For clinicians.** Each row asks what would remain if something were not as assumed: patients
# differ in ways nobody recorded, symptoms lead to both ruptures and leaving, the questionnaire is
# left blank just when things go wrong, or ruptures are mistaken for repairs. If mild failures of
# this kind are enough to make the effect vanish, be careful with it.

# %% [markdown]
# ## Beside what others found

# %%
study.figure("literature")

# %% [markdown]
# **For clinicians.** Other studies asked other questions: how repair goes with *outcome*, or the
# alliance with dropout; some compare with unrepaired ruptures only, some with none as well. They
# say whether this result is of a plausible size, not whether it is right. Ask of each whether it
# sorted patients by what had happened until the end: [why that matters](04_why_time_matters.ipynb).
