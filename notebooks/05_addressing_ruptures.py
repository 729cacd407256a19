# %% [markdown]
# # Addressing ruptures
#
# What did therapists do when the alliance was strained, and how did it go? Observers marked moves
# of *withdrawal* (away from the therapist or the work) and *confrontation* (against them), the
# *strategies* that followed, and how far the session as a whole was *resolved*. [Back to the
# start](00_start_here.ipynb).

# %%
from rupture_outcome.pages.reading import results, say
from rupture_outcome.pages.sentences.ruptures import (
    rater_sentence,
    rater_table,
    strategies_sentence,
)
from rupture_outcome.pages.sentences.study import study_sentence

study = results()
card = study.card
strategies = study.table("strategy_resolution")
observed = len(strategies) > 0
raters = study.table("rater_agreement")
say(study_sentence(card))

# %% [markdown]
# ## From marker to strategy to resolution

# %%
say(
    strategies_sentence(strategies)
    if observed
    else "In this study no observer marked ruptures and strategies within sessions, so this "
    "section has nothing to show."
)
study.figure("strategies") if observed else None

# %%
study.html("strategy_resolution") if observed else None

# %% [markdown]
# **How to read this.** A strategy is said to follow a marker if the same rater saw it in the same
# segment of the session or the one after. A session counts once for each strategy that was seen in
# it. Resolution is rated from 1 to 5 for the session as a whole.
#
# The table describes; it does not say what a strategy *does*. Sessions in which more goes wrong
# hold more strategies and are harder to resolve, so a strategy for hard moments can look worse than
# one for easy moments.
#
# **The names of markers and strategies are recalled**, not read in the manual: they follow the
# Rupture Resolution Rating System (3RS, version of 2022) as it is known to those who wrote this.
# Check them in the manual before you cite them or train raters with them.
#
# **For clinicians.** Begin with the moments after which *nothing* was seen to follow. A withdrawal
# is quiet: the patient agrees too quickly, tells a story, changes the topic. It is easily missed,
# and then nothing is done about it. Strategies differ in how directly they speak about the
# relationship, from explaining the task once more or changing it, to naming what is happening
# between two people and owning one's part in it. Which of them fits is a matter of the moment, not
# of this table.

# %% [markdown]
# ## What happened to the alliance afterwards

# %%
study.figure("onset_courses")

# %% [markdown]
# **How to read this.** Each patient's first rupture is set to begin at the same point, and the
# alliance is followed from before to after. Ruptures are shown apart by what became of them. If
# treatment or ratings ended first, nobody can tell whether the rupture would have been repaired:
# that is not a failure.
#
# **For clinicians.** What is repaired returns by definition, if repair means that the score came
# back. Look instead at how long it takes and at how deep the fall was before. Fewer patients remain
# the further to the right you look, so the ends of the lines rest on those who stayed.

# %% [markdown]
# ## How far do observers agree?

# %%
if len(raters):
    say(rater_sentence(raters))
    say(rater_table(raters))
else:
    say("In this study no two observers rated the same session, so their agreement is not known.")

# %% [markdown]
# **How to read this.** The ICC in the table is the share of the differences between single ratings
# that lies in the sessions themselves. At 1, it does not matter who rates. At 0, two ratings of
# the same session differ as much as ratings of different sessions. It is the one-way ICC for
# absolute agreement of single raters, which allows for other raters in each session. The mean of
# several raters is more reliable than one. All coefficients, with the sessions that each rests
# on, are in the table `rater_agreement` of the results.
#
# **For clinicians.** If trained observers agree only in part, nobody in the room should expect to
# be sure. That is a reason to ask the patient rather than to rely on one's own impression.
