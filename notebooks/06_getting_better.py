# %% [markdown]
# # Getting better
#
# Staying in treatment is a means. Do patients get better, and does it matter whether ruptures are
# repaired? The answer first, then who left better, who stayed without getting better, and a
# cut-off for you to change. [Back to the start](00_start_here.ipynb).

# %%
from rupture_outcome.pages.reading import results, say
from rupture_outcome.pages.sentences.failure import (
    cutoff_sentence,
    failure_sentence,
    flow_of_failure_sentence,
    not_judged_sentence,
)
from rupture_outcome.pages.sentences.growth import growth_sentence
from rupture_outcome.pages.sentences.study import study_sentence

study = results()
card = study.card
flow = study.table("failure_flow")
say(f"> **{failure_sentence(study.table('failure_effects'), flow, card)}**")

# %%
say(study_sentence(card))

# %% [markdown]
# ## From session to session
#
# Symptoms are rated before a session, so the state of the rupture after the session before comes
# first. *Within patients* compares sessions of the same patient, *between patients* people.

# %%
say(growth_sentence(study.table("growth_effects"), card))
study.figure("growth_effects")

# %% [markdown]
# **For clinicians.** A difference within patients of a point or two is small beside what single
# scores move by themselves, and still counts when it lasts for many sessions. Between patients says
# who they are, not what a rupture did to them.

# %% [markdown]
# ## At the end
#
# A change is called *reliable* if errors of measurement alone would hardly make it. *Failure* is a
# treatment that ended without a reliable improvement; *recovery* one in which the patient crossed
# the cut-off from the clinical to the functional range as well.

# %%
study.figure("failure_effects")

# %% [markdown]
# **How to read this.** *Just before the end* compares patients by where their last rupture stood
# before the last score. To be repaired one must have stayed for a while, and so one must to get
# better: the comparison describes. *From a session on* looks at those still in treatment after that
# session, by where their rupture stood then. Nothing that came later can have put anybody into a
# group, so it is the fairer comparison; it says nothing of what was repaired afterwards.
#
# Two end points are shown because the last session is often not rated, above all of those who do
# not come back. Where points and squares lie together, the answer does not hang on that.

# %% [markdown]
# ## Leaving is not failing, and staying is not getting better

# %%
say(flow_of_failure_sentence(flow))
study.figure("failure_flow")

# %% [markdown]
# **For clinicians.** Somebody who leaves early and well may have had what they came for. Look at
# the other corner, too: those who stay to the end without getting better are easily overlooked. Who
# could not be judged is counted beneath each square; all counts are in the report.

# %%
say(not_judged_sentence(flow))

# %% [markdown]
# ## Change the cut-off
#
# Where does the clinical range end? Conventions differ by country, sample and author. Write another
# number into the next cell and run it. A number that was not tried gives the list of those that
# were.

# %%
cutoffs = study.table("failure_cutoffs")
cutoff = cutoffs["cutoff"].median()  # change me: for example, cutoff = 8
say(cutoff_sentence(cutoffs, cutoff))

# %%
study.html("failure_cutoffs") if len(cutoffs) else None

# %% [markdown]
# **How to read this.** Under a stricter cut-off more patients begin in the clinical range, and a
# smaller share of them crosses it. Who is *reliably better* does not depend on it at all. If the
# order of the states changes with the cut-off, do not build on it. All methods of reliable change
# are in the table `failure_effects` of the results.
