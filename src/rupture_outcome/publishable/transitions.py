"""Hazards of transitions, time in states and "what if" without small counts."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from rupture_outcome.publishable.states import KEPT, Flags, blanked, dashes
from rupture_outcome.publishable.suppress import HIDDEN, WITHHELD, is_small, note_of, redacted


def publishable_hazards(frame: pd.DataFrame, threshold: int, *, full: bool = False) -> pd.DataFrame:
    """Transition hazards with small counts withheld, and those that would give them away.

    Over all sessions, what leaves one state and what reaches one ending have totals that the
    occupancy gives: a small number of events is hidden with another of the same row and column.
    Single sessions are published only with `full`, hazards as long as more than `threshold` are
    at risk, and their counts where they are not small.
    """
    pooled = frame["session"].isna()
    overall = _publish_pooled(frame[pooled], threshold, full=full)
    if not full:
        return overall.reset_index(drop=True)
    single = frame[~pooled]
    few = single["at_risk"].le(threshold).to_numpy(bool)
    gone = few & single["at_risk"].gt(0).to_numpy(bool)
    counts = [_texts_of_small(single[name], threshold) for name in ("at_risk", "events")]
    events = [HIDDEN if a and not text else text for a, text in zip(gone, counts[1], strict=True)]
    marks = {"at_risk": counts[0], "events": events, "estimate": dashes(gone)}
    shown = _marked(single, marks, few)
    return pd.concat([overall, shown], ignore_index=True)


def publishable_times(frame: pd.DataFrame, patients: int, threshold: int) -> pd.DataFrame:
    """Time in every state; what stands for few patients, sessions or events is withheld.

    Parameters
    ----------
    frame : DataFrame
        ``time_in_state`` with ``events`` of fitted models, which are not published.
    patients : int
        Who started: shares and means times this are counts.
    threshold : int
        Largest count that must not be shown.
    """
    near = (frame["estimate"].astype(float) * patients).round()
    share = frame["measure"].str.startswith(("ever", "repaired"))
    few = near.map(lambda n: is_small(n, threshold))
    few |= share & (patients - near).map(lambda n: is_small(n, threshold))
    fitted = frame["events"].notna()
    few = few.mask(fitted, frame["events"].map(lambda n: is_small(n, threshold)))
    few |= is_small(patients, threshold)
    out = blanked(frame.drop(columns="events"), few.to_numpy(bool))
    out["note"] = out["note"].map(lambda note: redacted(note, threshold))
    out.loc[few & fitted, "note"] = ""
    return out.assign(**{WITHHELD: [note_of({"estimate": m}) for m in dashes(few)]})


def publishable_what_if(
    frame: pd.DataFrame, occupancy: pd.DataFrame, threshold: int
) -> pd.DataFrame:
    """Dropout as observed and as it would be, at the sessions at which occupancy shows dropout.

    The best quarter of therapists is withheld if it is one therapist or `threshold` patients or
    fewer; the number of its patients is not published.
    """
    dropout = occupancy[occupancy["state"].eq("dropout")]
    known = set(dropout.loc[dropout["estimate"].notna(), "session"])
    few = frame["patients"].le(threshold) | frame["therapists"].le(1)
    hidden = ~frame["session"].isin(known) | few
    out = blanked(frame.drop(columns=["patients", "therapists"]), hidden.to_numpy(bool))
    out.loc[few, "shift"] = np.nan
    out["note"] = out["note"].map(lambda note: redacted(note, threshold))
    return out.assign(**{WITHHELD: [note_of({"estimate": m}) for m in dashes(hidden)]})


def _publish_pooled(frame: pd.DataFrame, threshold: int, *, full: bool) -> pd.DataFrame:
    table = frame.pivot_table("events", "from", "to", sort=False, fill_value=0)
    hidden = _hidden_cells(table, threshold)
    pairs = zip(frame["from"], frame["to"], strict=True)
    gone = np.array([bool(hidden.loc[a, b]) for a, b in pairs], dtype=bool)
    few = frame["at_risk"].map(lambda n: is_small(n, threshold)).to_numpy(bool)
    gone |= few
    counts = [_texts_of_small(frame[name], threshold) for name in ("at_risk", "events")]
    events = [(text or HIDDEN) if a else "" for a, text in zip(gone, counts[1], strict=True)]
    marks = {"at_risk": counts[0], "events": events, "estimate": dashes(few if full else gone)}
    return _marked(frame, marks, few if full else gone)


def _hidden_cells(events: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Hide small cells, and others until no row or column of endings gives one away."""
    hidden = (events >= 1) & (events <= threshold)
    endings = [name for name in events.columns if name not in events.index]
    lines = [(slice(name, name), slice(None)) for name in events.index]
    lines += [(slice(None), slice(name, name)) for name in endings]
    changed = True
    while changed:
        changed = False
        for line in lines:
            extra = _complement(events.loc[line], hidden.loc[line], threshold)
            if extra:
                hidden.loc[extra] = changed = True
    return hidden


def _complement(events: pd.DataFrame, hidden: pd.DataFrame, threshold: int) -> tuple | None:
    cells = [(row, column) for row in events.index for column in events.columns if row != column]
    inside = [int(events.loc[cell]) for cell in cells if hidden.loc[cell]]
    hides = len(inside) >= 2 and sum(inside) - len(inside) >= threshold
    if not inside or hides:  # a single hidden cell is the total minus the others
        return None
    rest = [cell for cell in cells if not hidden.loc[cell] and events.loc[cell] > threshold]
    return min(rest, key=lambda cell: (cell[1] in KEPT, events.loc[cell]), default=None)


def _marked(frame: pd.DataFrame, marks: Mapping[str, Sequence[str]], gone: Flags) -> pd.DataFrame:
    out = blanked(frame, gone)
    for name in ("at_risk", "events"):
        out[name] = frame[name].astype("Int64").mask(np.asarray(marks[name]) != "")
    rows = zip(*marks.values(), strict=True)
    notes = [note_of(dict(zip(marks, row, strict=True))) for row in rows]
    return out.assign(**{WITHHELD: notes})


def _texts_of_small(counts: pd.Series, threshold: int) -> list[str]:
    return [f"≤{threshold}" if is_small(n, threshold) else "" for n in counts]
