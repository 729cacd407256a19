"""Sentences about rupture definitions, observers and strategies, for the notebooks."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from IPython.display import display

from rupture_outcome.coding.registry import definitions
from rupture_outcome.disclosure import known as known_counts
from rupture_outcome.look.formats import count_text
from rupture_outcome.look.words import lower_first, name
from rupture_outcome.pages.reading import Results, count, say

SEES = {
    "drop_sd": (
        "clear falls from one session to the next, as the patient rates them. The threshold is a "
        "multiple of the spread of scores in this study.",
        "a slow decline, a strain that the patient does not put on the form, and any fall right "
        "after a missed session. In a study where scores spread widely it asks for larger falls.",
    ),
    "drop_rci": (
        "falls that are larger than the questionnaire's own error makes likely.",
        "smaller falls that matter all the same. An unreliable questionnaire hides nearly all of "
        "them. It allows for error in one comparison, while every patient has many.",
    ),
    "running_chart": (
        "sessions below what is usual for this patient, so also the end of a slow decline.",
        "anything in the first few sessions, when nothing is usual yet; a patient who was always "
        "low. In restless courses it asks for more.",
    ),
    "psq_patient": (
        "what the patient noticed and was willing to write down, whether or not the score fell.",
        "what the patient did not notice, did not call a problem, or did not want the therapist to "
        "know. Withdrawal is easily among it.",
    ),
    "psq_therapist": (
        "what the therapist noticed, including tension that was never spoken about.",
        "what the therapist did not notice, and what the patient kept to himself or herself.",
    ),
    "observer": (
        "withdrawal and confrontation in what was said and done, told apart.",
        "what stayed unspoken, and all sessions that nobody rated. It depends on the training of "
        "the raters and on the salience that counts as a rupture.",
    ),
    "observer_markers": (
        "how often moves of withdrawal or confrontation occurred in the parts of a session.",
        "how much each of them mattered, unless a salience is asked for, and all sessions that "
        "nobody coded.",
    ),
    "discrepancy": (
        "sessions in which patient and therapist see the alliance more differently than before.",
        "ruptures that both notice: then they agree.",
    ),
    "v_shape": (
        "deep dips that are made good within a few sessions, apart from the patient's trend.",
        "ruptures that stay open, and the last sessions of a course: who leaves after a fall is "
        "never counted.",
    ),
    "strauss": (
        "falls that are made good within a few sessions.",
        "ruptures that stay open, and the last sessions of a course: who leaves after a fall is "
        "never counted.",
    ),
    "sudden_loss": (
        "large falls after which the alliance stays lower: the mirror image of a sudden gain.",
        "short ruptures that are repaired at once; falls near the start or the end of a course.",
    ),
    "control_chart": (
        "sessions that stand out below the patient's whole course.",
        "anything in a course of few sessions; several deep dips in one course, because they widen "
        "its limits.",
    ),
    "change_point": (
        "a lasting step down in the level of the alliance.",
        "short dips, and steps near the start or the end of a course.",
    ),
}
NOTHING_KNOWN = "no words have been written for it here."
NO_CASES = (
    "Courses of single patients are not shown here: patients could be recognised, and nothing in "
    "this study's settings allows it."
)
ICC = "ICC(1,1)"


def show_cases(study: Results) -> None:
    """Show the page of every selected case, or say in one line that there is none."""
    cases = study.table("cases")
    for number in sorted(cases["case"].astype(int).unique().tolist()):
        display(study.figure(f"case_{number}"))
    if cases.empty:
        say(NO_CASES)


def definition_notes(prevalence: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Say what each definition of the study can and cannot see, as a Markdown list."""
    return "\n".join(_note(row, card) for row in prevalence.to_dict("records"))


def chance_sentence(prevalence: pd.DataFrame) -> str:
    """Compare what was found with what chance gives, for definitions that read scores."""
    read = prevalence.dropna(subset=["expected_by_chance"])
    read = read.assign(sessions_detected=known_counts(read["sessions_detected"]))
    known = read.dropna(subset=["sessions_detected"])
    if known.empty:
        return "No definition here reads a series of scores, or the numbers are withheld."
    found = known["sessions_detected"]
    fewer = int((known["expected_by_chance"] > found).sum())
    text = (
        f"Of {_compared(len(known), len(read))}, {fewer or 'none'} found fewer ruptures than the "
        "same rule finds by chance, when each patient's scores are put in random order."
    )
    if "expected_without_change" not in known or known["expected_without_change"].isna().all():
        return text
    above = int((found > known["expected_without_change"]).sum())
    return (
        f"{text} More than if nobody changed, but for errors of measurement, were found by "
        f"{above or 'none'} of them."
    )


def agreement_sentence(agreement: pd.DataFrame) -> str:
    """Name the pairs of definitions that agree most and least."""
    known = agreement.dropna(subset=["kappa"]).sort_values("kappa", ascending=False)
    if known.empty:
        return "There are no two definitions whose agreement can be given."
    texts = [_pair(known.iloc[at]) for at in (0, -1)]
    if len(known) == 1:
        return f"The two definitions are {texts[0]}."
    return f"Most alike are {texts[0]}. Least alike are {texts[1]}."


def accuracy_sentence(accuracy: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Say how well the main definition finds the ruptures that a simulation put in."""
    if accuracy.empty:
        return (
            "What really happened is not known in this study, so no definition can be said to be "
            "right or wrong."
        )
    own = accuracy[accuracy["definition"] == card["primary"]["definition"]]
    best = accuracy.sort_values("sensitivity", ascending=False).iloc[0]
    texts = [
        f"Most ruptures were found by “{_definition(best['definition'])}” "
        f"({_percent(best['sensitivity'])})."
    ]
    if len(own):
        row = own.iloc[0]
        texts.insert(
            0,
            f"The main definition (“{_definition(row['definition'])}”) found "
            f"{_percent(row['sensitivity'])} of the ruptures that the simulation put in, and "
            f"marked {_percent(1 - row['specificity'])} of the sessions without one.",
        )
    return " ".join(texts)


def onset_table(onsets: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Ruptures that the main definition shares with each other one, as a Markdown table."""
    main = card["primary"]["definition"]
    own, other = (onsets[column].map(_percent) for column in ("precision", "sensitivity"))
    pairs = zip(onsets["definition_a"], onsets["definition_b"], own, other, strict=True)
    rows = [
        (b, of_a, of_b) if a == main else (a, of_b, of_a)
        for a, b, of_a, of_b in pairs
        if main in (a, b)
    ]
    if not rows:
        return "There is no other definition to compare the main one with."
    head = (
        f"| Beside “{_definition(main)}” | Ruptures of the main definition that it also sees | "
        "Its own ruptures that the main definition also sees |"
    )
    lines = [f"| {name('definition', who)} | {one} | {two} |" for who, one, two in rows]
    return "\n".join([head, "|---|---|---|", *lines])


def strategies_sentence(strategies: pd.DataFrame) -> str:
    """Say how often no strategy followed a rupture marker, and how such sessions were resolved."""
    texts = [_answered(str(kind), own) for kind, own in strategies.groupby("marker_kind")]
    return " ".join(texts[::-1])


def rater_sentence(agreement: pd.DataFrame) -> str:
    """Say in plain words how far single ratings can be trusted."""
    rows = _overall(agreement)
    known = rows.dropna(subset=["estimate"]).sort_values("estimate", ascending=False)
    if known.empty:
        return "Agreement of raters cannot be given here: too few sessions had two raters."
    best, worst = known.iloc[0], known.iloc[-1]
    if len(known) == 1:
        return f"Of the differences between single ratings, {_share(best)}."
    return (
        "Of the differences between single ratings, the share that lies in the sessions and not "
        f"in who rated them is largest for {_what(best)} ({_percent(best['estimate'])}) and "
        f"smallest for {_what(worst)} ({_percent(worst['estimate'])})."
    )


def rater_table(agreement: pd.DataFrame) -> str:
    """Agreement of single raters about each measure, as a Markdown table."""
    lines = [
        f"| {name('measure', row['measure'])} "
        f"| {_coefficient(row)} | {count_text(row['n'])} | {count_text(row['raters'])} |"
        for row in _overall(agreement).to_dict("records")
    ]
    head = f"| What was rated | {ICC} with interval | Sessions rated twice or more | Raters |"
    return "\n".join([head, "|---|---|---|---|", *lines])


def _note(row: Mapping[Any, Any], card: Mapping[str, Any]) -> str:
    given = card["definitions"].get(row["definition"]) or {}
    base = given.get("definition", row["definition"])
    known = definitions().get(base)
    about = f"{name('class', row['class'])}; {name('provenance', row['provenance'])}"
    source = f" Source: {known.source}." if known and row["provenance"] != "recalled" else ""
    recalled = (
        " **Recalled:** check the rule in its source before you cite it."
        if row["provenance"] == "recalled"
        else ""
    )
    sees, misses = SEES.get(base, (known.summary if known else NOTHING_KNOWN, NOTHING_KNOWN))
    return (
        f"- **{name('definition', row['definition'])}** ({about}). *Can see:* {sees} "
        f"*Cannot see:* {misses}{recalled}{source}"
    )


def _compared(known: int, read: int) -> str:
    if known == read:
        return f"{known} definitions that read scores"
    return f"{read} definitions that read scores, {known} can be compared. Of these"


def _pair(row: pd.Series) -> str:
    low, high = row["ci_low"], row["ci_high"]
    interval = "" if pd.isna(low) or pd.isna(high) else f", interval {low:.2f} to {high:.2f}"
    first, second = (_definition(row[f"definition_{side}"]) for side in ("a", "b"))
    return f"“{first}” and “{second}” (kappa {row['kappa']:.2f}{interval})"


def _answered(kind: str, own: pd.DataFrame) -> str:
    start = f"{name('marker_kind', kind)} was marked in {count(own['n'].iloc[0], 'sessions')}."
    alone = own[(own["strategy"] == "none") & own["share"].notna()]
    if alone.empty:
        return start
    row = alone.iloc[0]
    text = f"{start} In {_percent(row['share'])} of them nobody saw a strategy follow"
    if pd.isna(row["resolution_mean"]):
        return f"{text}."
    named = own[(own["strategy"] != "none") & own["resolution_mean"].notna()]
    if named.empty:
        return f"{text} (mean resolution {row['resolution_mean']:.1f} of 5)."
    ends = [f"{named['resolution_mean'].agg(end):.1f}" for end in ("min", "max")]
    where = f"{ends[0]} to {ends[1]} where one did, depending on the strategy"
    if len(named) == 1:
        strategy = lower_first(name("strategy", named["strategy"].iloc[0]))
        where = f"{ends[0]} with the one strategy seen often enough to say ({strategy})"
    return (
        f"{text}; resolution there was {row['resolution_mean']:.1f} on average (1 to 5), against "
        f"{where}."
    )


def _overall(agreement: pd.DataFrame) -> pd.DataFrame:
    rows = agreement[agreement["statistic"] == ICC]
    return rows[rows["half"] == "all"] if "half" in rows else rows


def _coefficient(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["estimate"]):
        return "not given"
    low, high = row["ci_low"], row["ci_high"]
    interval = "" if pd.isna(low) or pd.isna(high) else f" ({low:.2f} to {high:.2f})"
    return f"{row['estimate']:.2f}{interval}"


def _share(row: pd.Series) -> str:
    return f"{_percent(row['estimate'])} lie in the sessions ({_what(row)})"


def _what(row: pd.Series) -> str:
    return lower_first(name("measure", row["measure"]))


def _definition(id: object) -> str:
    return lower_first(name("definition", id))


def _percent(value: float) -> str:
    return "a share that is withheld" if pd.isna(value) else f"{100 * value:.0f}%"
