"""Sentences about repair and dropout beyond the headline, read from published tables."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from rupture_outcome.estimates.effect_rows import EVER, HEADLINE
from rupture_outcome.look.words import lower_first, name, ratio_name
from rupture_outcome.pages.answer import difference_of_shown, effect, number
from rupture_outcome.pages.reading import count

Row = Mapping[str, Any]
COMPARED = {"state_a": HEADLINE[0], "state_b": HEADLINE[1]}
STATES = ("unrepaired", "repaired", "intact")
EVENTS = {"per_session": "after one session", "over_treatment": "over a whole treatment"}


def margins_sentence(margins: pd.DataFrame, sessions: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Say how many of 100 sessions in each state would be followed by dropout, and how many were.

    Parameters
    ----------
    margins : DataFrame
        `hazard_margins.csv`: what the model predicts.
    sessions : DataFrame
        `state_sessions.csv`: what was observed.
    card : mapping
        `study.json`.
    """
    main = _where(margins, model="main", event="dropout")
    rows = {s: _one(main, quantity="hazard", state_a=s) for s in STATES}
    if any(row is None for row in rows.values()):
        return "The chances of dropping out in each state are withheld or could not be estimated."
    shown = {state: _text(row, 100, 1) for state, row in rows.items()}
    gap = _one(main, quantity="difference", **COMPARED)
    difference = ""
    if gap is not None:
        first, second = (rows[state]["estimate"] for state in HEADLINE)  # type: ignore[index]
        gap["estimate"] = difference_of_shown(first, second, scale=100) / 100
        difference = f" Repaired minus open: {_text(gap, 100, 1)}."
    return (
        "By the model, of 100 sessions with an open rupture, "
        f"{shown['unrepaired']} would be followed by dropout; of 100 with a repaired one, "
        f"{shown['repaired']}; of 100 without a rupture so far, {shown['intact']} "
        f"({_level(card)} in brackets).{difference}{_observed(sessions)}"
    )


def robustness_sentences(
    sensitivity: pd.DataFrame, sessions: pd.DataFrame, card: Mapping[str, Any]
) -> list[str]:
    """Say beside the headline what would make it smaller, whichever way that goes.

    Parameters
    ----------
    sensitivity : DataFrame
        `sensitivity.csv`.
    sessions : DataFrame
        `state_sessions.csv`.
    card : mapping
        `study.json`.
    """
    rows = _where(sensitivity, **COMPARED)
    said = [_tested_only(rows, card), _tipping(rows, sessions), e_value_sentence(sensitivity)]
    return [sentence for sentence in said if sentence]


def multiplicity_sentence(effects: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Say among how many effects of definitions and rules the main one stands (`dropout_effects`).

    Parameters
    ----------
    effects : DataFrame
        `dropout_effects.csv`.
    card : mapping
        `study.json`.
    """
    rows, known = _alternatives(effects)
    if len(rows) < 2 or known.empty:
        return ""
    below, above = int((known["ci_high"] < 0).sum()), int((known["ci_low"] > 0).sum())
    missing = len(rows) - len(known)
    lost = f"; {missing} could not be estimated or are withheld" if missing else ""
    return (
        f"It is one of {len(rows)} effects, {rows['definition'].nunique()} definitions of rupture "
        f"by {rows['repair_rule'].nunique()} rules of repair{lost}. Of the {len(known)}, "
        f"{below or 'none'} have an interval below 1 and {above or 'none'} one above; the "
        f"{ratio_name(card['models']['link']).lower()}s run from {number(known['ratio'].min())} to "
        f"{number(known['ratio'].max())}. The study's config names the main one; no result is read "
        "before it is."
    )


def in_short(
    effects: pd.DataFrame, sensitivity: pd.DataFrame, card: Mapping[str, Any]
) -> list[str]:
    """Give what stands beside the headline in a few words a line; empty without an estimate.

    Parameters
    ----------
    effects, sensitivity : DataFrame
        `dropout_effects.csv` and `sensitivity.csv`.
    card : mapping
        `study.json`.
    """
    if not effect(effects, "hazard", HEADLINE, card["primary"]).estimable:
        return []
    said = []
    rows = _where(sensitivity, **COMPARED)
    tested = _one(_where(rows, analysis="missing_ratings", setting="left_out"))
    if tested is not None:
        low, high = (number(math.exp(tested[end])) for end in ("ci_low", "ci_high"))
        said.append(f"{number(tested['ratio'])} ({low} to {high}) in sessions that could be tested")
    every, known = _alternatives(effects)
    if len(every) > 1 and len(known):
        apart = int(((known["ci_low"] > 0) | (known["ci_high"] < 0)).sum())
        said.append(
            f"one of {len(every)} definitions and rules; {apart} of {len(known)} intervals "
            "exclude 1"
        )
    hidden = _where(rows, analysis="e_value").dropna(subset=["e_value"])
    if len(hidden):
        least = hidden.sort_values("e_value", kind="stable").iloc[0]
        said.append(
            f"E-value {number(least['e_value'])}, {number(least['e_value_limit'])} for the interval"
        )
    true = card["truth"].get(f"{HEADLINE[0]} vs {HEADLINE[1]}")
    return said if true is None else [*said, f"{number(math.exp(true))} is the simulated truth"]


def own_session_sentence(
    outcomes: pd.DataFrame, models: pd.DataFrame, card: Mapping[str, Any]
) -> str:
    """Say how many repairs happened in the session of the rupture, and the answer without them.

    Parameters
    ----------
    outcomes, models : DataFrame
        `repair_outcomes.csv` and `hazard_models.csv`.
    card : mapping
        `study.json`.
    """
    rows = _where(outcomes, **card["primary"]).set_index("outcome")["ruptures"].to_dict()
    own, later = rows.get("own_session", 0), rows.get("later_session", 0)
    if own == 0 or own < 0 or later < 0 or pd.isna(own) or pd.isna(later):
        return ""
    return (
        f"Of {count(own + later, 'repairs')} under the main definition and rule, {count(own)} "
        f"({100 * own / (own + later):.0f}%) happened in the session of the rupture itself."
        f"{_later_repairs(models, card)}"
    )


def truth_sentences(
    effects: pd.DataFrame, sensitivity: pd.DataFrame, card: Mapping[str, Any]
) -> list[str]:
    """Say beside a simulated answer what the truth is, and why estimates miss it.

    Parameters
    ----------
    effects, sensitivity : DataFrame
        `dropout_effects.csv` and `sensitivity.csv`.
    card : mapping
        `study.json`.
    """
    true = card["truth"].get(f"{HEADLINE[0]} vs {HEADLINE[1]}")
    main = effect(effects, "hazard", HEADLINE, card["primary"])
    if true is None or not main.estimable:
        return []
    ratio = math.exp(true)
    said = [
        f"The simulation was made with an odds ratio of {number(ratio)}. "
        f"{_pulled(ratio, main.ratio, sensitivity)}"
    ]
    naive = effect(effects, "naive", EVER, card["primary"])
    if naive.estimable and abs(math.log(naive.ratio / ratio)) < abs(math.log(main.ratio / ratio)):
        said.append(
            f"The naive {number(naive.ratio)} is nearer to it by accident: immortal time moves it "
            "away from 1, miscoded states move it back, and here the two nearly cancel. In "
            "another study they would not."
        )
    return said


def _pulled(true: float, found: float, sensitivity: pd.DataFrame) -> str:
    nearer = abs(math.log(found)) < abs(math.log(true))
    own = _one(_where(sensitivity, setting="own", **COMPARED), "sensitivity")
    if not nearer or own is None:
        return f"The estimate is {number(found)}."
    return (
        f"The estimate, {number(found)}, lies nearer to 1, because states are coded with error: "
        "of sessions coded open or repaired, "
        f"{100 * own['sensitivity']:.0f}% of those truly open were coded open, and "
        f"{100 * own['specificity']:.0f}% of the others repaired, so that the groups compared are "
        "mixed."
    )


def time_sentence(times: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Say how long ruptures stayed open and how many were repaired (`time_in_state`)."""
    open_ = _one(times, measure="expected_sessions", state="unrepaired")
    ever = _one(times, measure="ever_ruptured")
    repaired = _one(times, measure="repaired_if_ruptured")
    parts = []
    if open_ is not None:
        parts.append(
            f"Up to session {open_['horizon']:g}, a patient spent {_text(open_, 1, 1)} sessions "
            "with an open rupture on average."
        )
    if ever is not None:
        parts.append(f"{_text(ever, 100, 0, '%')} had a rupture at some time.")
    if repaired is not None:
        parts.append(f"Of these, {_text(repaired, 100, 0, '%')} saw one repaired.")
    if not parts:
        return "The time with an open rupture is withheld or could not be estimated."
    return f"{' '.join(parts)} Brackets: {_level(card)}."


def what_if_sentence(what_if: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Say what dropout would be if all repaired as the best quarter do (`repair_what_if`)."""
    best = _where(what_if, scenario="best_quarter").dropna(subset=["estimate"])
    observed = _where(what_if, scenario="observed").dropna(subset=["estimate"])
    last = sorted(set(best["session"]) & set(observed["session"]))
    if not last:
        return "What would happen with more repair is withheld or could not be estimated."
    now, then = (_one(frame, session=last[-1]) for frame in (observed, best))
    if now is None or then is None:
        return ""
    ends = (then.get("difference_low"), then.get("difference_high"))
    gap = _text({"estimate": then["difference"], "ci_low": ends[0], "ci_high": ends[1]}, 100, 1)
    return (
        f"Up to session {last[-1]:g}, {_text(now, 100, 1)} of 100 patients dropped out. If all "
        "ruptures were repaired as often as by the best quarter of therapists, it would be "
        f"{_text(then, 100, 1)}: a difference of {gap} ({_level(card)} in brackets)."
    )


def therapists_sentence(
    variances: pd.DataFrame, relation: pd.DataFrame, card: Mapping[str, Any]
) -> str:
    """Say how far therapists differ, and whether those who repair more lose fewer."""
    shares = []
    for outcome in ("rupture", "repair", "dropout"):
        row = _one(variances.rename(columns={"share": "estimate"}), outcome=outcome)
        if row is not None:
            ends = {"ci_low": row["share_low"], "ci_high": row["share_high"]}
            what = lower_first(name("therapist_outcome", outcome))
            shares.append(f"{_text({**row, **ends}, 100, 0, '%')} in {what}")
    if not shares:
        return "How far therapists differ is withheld or could not be estimated."
    said = (
        "Of what the session and the patients do not explain, therapists make up "
        f"{', '.join(shares)} (latent scale; {_level(card)} in brackets)."
    )
    return f"{said} {_relation_sentence(relation)}"


def moderators_sentence(moderators: pd.DataFrame) -> str:
    """Say whether the effect of repair differs between subgroups (`moderator_effects`)."""
    rows = _where(moderators, **COMPARED)
    tested = rows.dropna(subset=["joint_p"]).drop_duplicates("moderator")
    if tested.empty:
        return "Whether the effect differs between subgroups could not be tested in this study."
    tested = tested.assign(p=tested["joint_p_holm"].fillna(tested["joint_p"])).sort_values("p")
    least = tested.iloc[0]
    tests = "one moderator" if len(tested) == 1 else f"{len(tested)} moderators"
    least_p = f"smallest p = {least['p']:.2f}, adjusted for the number of tests"
    if least["p"] >= 0.05:
        return (
            f"For {tests} tested, there is no clear sign that the effect of repair differs between "
            f"subgroups ({least_p})."
        )
    return (
        f"Of {tests} tested, {lower_first(name('variable', least['moderator']))} is the one by "
        f"which the effect of repair differs most clearly ({least_p})."
    )


def definitions_sentence(rates: pd.DataFrame) -> str:
    """Say how far the rate of dropout depends on its definition (`dropout_definitions`)."""
    known = rates.dropna(subset=["rate"]).sort_values("rate", kind="stable")
    if len(known) < 2:
        return "Rates of dropout by other definitions are withheld or not known."
    rows: list[Any] = known.to_dict("records")
    low, high = rows[0], rows[-1]
    ended = known["ended"].dropna() if "ended" in known else known["rate"].iloc[:0]
    of = f"Of {count(ended.iloc[0], 'treatments')} that have ended" if len(ended) else "Of all"
    return (
        f"{of}, those in the analysis and others: by {len(known)} definitions, dropout has rates "
        "from "
        f"{low['rate'] * 100:.0f}% ({_definition(low)}) to {high['rate'] * 100:.0f}% "
        f"({_definition(high)})."
    )


def e_value_sentence(sensitivity: pd.DataFrame) -> str:
    """Say how strong a hidden confounder would have to be, by the smaller of the E-values."""
    rows = _where(sensitivity, analysis="e_value", **COMPARED).dropna(subset=["e_value"])
    if rows.empty:
        return "How strong a hidden confounder would have to be could not be worked out."
    row = rows.sort_values("e_value", kind="stable").iloc[0]
    limit = row["e_value_limit"]
    more = (
        "the interval includes 1 already"
        if pd.isna(limit) or limit <= 1
        else f"{number(limit)} would do to move the interval to 1"
    )
    return (
        f"To explain the effect away, something that nobody measured would have to be tied to "
        f"the state of ruptures and to dropout by a risk ratio of {number(row['e_value'])} each; "
        f"{more} (E-values; chances {EVENTS[row['setting']]})."
    )


def beside_sentence(effects: pd.DataFrame, card: Mapping[str, Any]) -> str:
    """Put the naive odds ratio of this study beside the one by session (`dropout_effects`)."""
    naive = effect(effects, "naive", EVER, card["primary"])
    hazard = effect(effects, "hazard", HEADLINE, card["primary"])
    level = card["models"]["confidence"]
    shown = [
        f"{each.measure} {number(each.ratio)}, {each.limits(level)}"
        if each.estimable
        else "not estimable"
        for each in (naive, hazard)
    ]
    return (
        "In this study, patients whose rupture was ever repaired against those whose rupture never "
        f"was: **{shown[0]}** (biased). Session by session, repaired against open: **{shown[1]}**."
    )


def _alternatives(effects: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Effects of repair under every definition and rule, and those of them that are known."""
    rows = _where(effects, analysis="hazard", **COMPARED)
    return rows, rows[rows["ratio"].notna() & rows["ci_low"].notna() & rows["converged"]]


def _later_repairs(models: pd.DataFrame, card: Mapping[str, Any]) -> str:
    compared = {"state_a": "repaired_later", "state_b": HEADLINE[1]}
    row = _one(_where(models, model="time_of_repair", **compared))
    if row is None:
        return " The effect of later repairs alone could not be estimated or is withheld."
    low, high = (number(math.exp(row[end])) for end in ("ci_low", "ci_high"))
    measure = ratio_name(card["models"]["link"]).lower()
    return (
        f" Later repairs alone, against open ruptures: {measure} "
        f"{number(math.exp(row['estimate']))} ({card['models']['confidence'] * 100:g}% CI {low} to "
        f"{high}){_resting_on(row)}."
    )


def _resting_on(row: Row) -> str:
    """Say on how many dropouts in each of two states an estimate rests, and if they are few."""
    first, second = row["events_a"], row["events_b"]
    if pd.isna(first) or pd.isna(second):
        return ""
    said = (
        f", from {count(first, 'dropouts')} after such a repair and {count(second)} from an open "
        "rupture"
    )
    few = "few_events" in str(row["reason"])
    return f"{said}: too few to trust how strong it is" if few else said


def _observed(sessions: pd.DataFrame) -> str:
    rows = {state: _one(sessions, "rate", state=state, tested="all") for state in STATES}
    if any(row is None for row in rows.values()):
        return ""
    shown = {state: f"{100 * row['rate']:.1f}" for state, row in rows.items() if row}
    return (
        f" Observed were {shown['unrepaired']}, {shown['repaired']} and {shown['intact']}; the "
        "model compares at the same session, the same characteristics and an average of therapists."
    )


def _tested_only(rows: pd.DataFrame, card: Mapping[str, Any]) -> str:
    row = _one(_where(rows, analysis="missing_ratings", setting="left_out"))
    if row is None:
        return ""
    measure = ratio_name(card["models"]["link"]).lower()
    low, high = (number(math.exp(row[end])) for end in ("ci_low", "ci_high"))
    return (
        f"In the sessions that could be tested alone, the {measure} is {number(row['ratio'])} "
        f"({card['models']['confidence'] * 100:g}% CI {low} to {high}), from "
        f"{count(row['events'], 'dropouts')}."
    )


def _tipping(rows: pd.DataFrame, sessions: pd.DataFrame) -> str:
    asked = _where(rows, analysis="missing_ratings", setting="tipping_share_repaired")
    untested = _one(sessions, "sessions", state="unrepaired", tested="untested")
    every = _one(sessions, "sessions", state="unrepaired", tested="all")
    if asked.empty or untested is None or every is None:
        return ""
    who = (
        f"{count(untested['dropouts'])} of the {count(every['dropouts'], 'dropouts')} from an open "
        f"rupture followed one of {count(untested['sessions'], 'sessions')} that could not be "
        "tested, in which the state was carried on"
    )
    share = asked["value"].iloc[0]
    code = str(asked["reason"].iloc[0])
    if pd.isna(share):
        return f"{who}." if "never_tips" in code else ""
    turn = "include 1" if "includes" in code else "exclude 1"
    return (
        f"{who}: the interval would {turn} if more than {100 * share:.1f}% of these sessions were "
        "repaired in truth."
    )


def _relation_sentence(relation: pd.DataFrame) -> str:
    both = _one(relation, second="dropout", method="joint", measure="correlation")
    if both is None:
        return "Whether those who repair more lose fewer could not be estimated."
    low, high = both["ci_low"], both["ci_high"]
    if low <= -0.995 and high >= 0.995:
        return (
            "Whether those who repair more lose fewer cannot be told: any correlation from −1 to 1 "
            f"goes well with the data (estimate {_signed(both['estimate'])})."
        )
    return (
        "The correlation between therapists' tendencies to repair and to lose patients is "
        f"{_signed(both['estimate'])}, with an interval from {_signed(low)} to {_signed(high)}; "
        "below 0, those who repair more lose fewer."
    )


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _where(table: pd.DataFrame, **wanted: Any) -> pd.DataFrame:
    for column, value in wanted.items():
        table = table[table[column].eq(value)]
    return table


def _one(table: pd.DataFrame, column: str = "estimate", **wanted: Any) -> dict[str, Any] | None:
    """Give the first row that holds a number in `column`, if there is one."""
    rows: list[Any] = _where(table, **wanted).dropna(subset=[column]).to_dict("records")
    return rows[0] if rows else None


def _text(row: Row | None, scale: float, digits: int, unit: str = "") -> str:
    """Write an estimate with its interval, such as "2.5 (1.8 to 3.3)"."""
    if row is None or pd.isna(row["estimate"]):
        return "a number that is withheld"
    shown, low, high = (
        f"{scale * row[key]:.{digits}f}".replace("-", "−")
        for key in ("estimate", "ci_low", "ci_high")
    )
    return f"{shown}{unit}" if "nan" in (low, high) else f"{shown}{unit} ({low} to {high})"


def _level(card: Mapping[str, Any]) -> str:
    return f"{card['models']['confidence'] * 100:g}% intervals"


def _definition(row: Row) -> str:
    return lower_first(name("dropout_definition", row["dropout_definition"]))
