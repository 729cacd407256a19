"""What the schema cannot say about a config: keys that must fit each other."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rupture_outcome.errors import did_you_mean
from rupture_outcome.study.contract import fields, names
from rupture_outcome.study.covariates import IDENTIFIERS
from rupture_outcome.study.instruments import misuse


def cross_checks(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what is wrong and what to do, for each key of a complete config that does not fit."""
    yield from _simulated(config["study"])
    yield from _primary(config["coding"])
    yield from _covariates(config["models"]["covariates"])
    yield from _mappings(config)
    yield from _names(config["instruments"])
    yield from _cutoff(config["failure"]["cutoff"], config["instruments"])
    measured: dict[str, str] = {}
    for name, instrument in config["instruments"].items():
        yield from _instrument(f"instruments.{name}", instrument)
        other = measured.setdefault(instrument["measures"], name)
        if other != name:
            yield (
                f"instruments.{name}: '{other}' measures {instrument['measures']}, too",
                "keep one instrument for each score",
            )


def _simulated(study: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Refuse data of persons as simulated, as a config copied from the example would call them."""
    folder = Path(study["data"])
    if not study["simulated"] or study["simulated_because"] or not folder.is_dir():
        return
    if not (folder / "truth.json").is_file():
        yield (
            "study.simulated: true, but no truth.json lies beside the data",
            "if these are data of persons, set it to false: what protects them is off; if they are "
            "simulated, say in study.simulated_because why they count as such",
        )


def _primary(coding: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, section in (("definition", "definitions"), ("repair_rule", "repair_rules")):
        chosen = coding["primary"][key]
        if chosen not in coding[section]:
            yield (
                f"coding.primary.{key}: '{chosen}' is not among coding.{section}"
                f"{did_you_mean(chosen, list(coding[section]))}",
                f"choose one of {', '.join(coding[section])}, or add it to coding.{section}",
            )


def _covariates(covariates: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in set(covariates) & set(IDENTIFIERS):
        yield (
            f"models.covariates: '{name}' says who somebody is, not what they are like",
            "leave it out; patients and therapists are in the models already",
        )


def _mappings(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for section in ("columns", "values"):
        for table, given in config[section].items():
            for name in set(given) - set(names(table)):
                yield (
                    f"{section}.{table}: the data contract has no column '{name}'"
                    f"{did_you_mean(name, names(table))}",
                    f"valid keys: {', '.join(names(table))}",
                )
    for table, given in config["columns"].items():
        for own in {own for own in given.values() if list(given.values()).count(own) > 1}:
            yield (
                f"columns.{table}: the column '{own}' is given for more than one key",
                "give each key its own column",
            )
    for table, given in config["values"].items():
        for name in set(given) & set(names(table)):
            allowed = fields(table)[name].get("constraints", {}).get("enum")
            for code in given[name].values():
                if allowed and str(code) not in [str(one) for one in allowed]:
                    yield (
                        f"values.{table}.{name}: '{code}' is not a code of the data contract"
                        f"{did_you_mean(str(code), [str(one) for one in allowed])}",
                        f"valid codes: {', '.join(str(one) for one in allowed)}",
                    )


def _names(instruments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Subscales are columns of their own; no other column may have their name."""
    taken = dict.fromkeys(names("sessions"), "a column of the data contract")
    for name, given in instruments.items():
        for item in given["items"]:
            if item in names("sessions"):
                yield (
                    f"instruments.{name}.items: '{item}' is the name of {taken[item]}, too",
                    "rename the item's column in the study's file and dictionary",
                )
    items = {item: "an item" for one in instruments.values() for item in one["items"]}
    taken = items | taken
    for name, given in instruments.items():
        for subscale in given["subscales"]:
            column = f"{name}_{subscale}"
            if column in taken:
                yield (
                    f"instruments.{name}.subscales.{subscale}: '{column}' is the name of "
                    f"{taken[column]}, too",
                    "give the instrument or the subscale another name",
                )
            taken[column] = f"a subscale of instruments.{name}"


def _cutoff(chosen: str, instruments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Cut-offs b and c lie where those who are well are, of whom the study holds nobody."""
    symptoms = [name for name, one in instruments.items() if one["measures"] == "symptom"]
    if chosen not in ("b", "c") or not symptoms:
        return
    if not any(norm.get("functional") for norm in instruments[symptoms[0]]["norms"]):
        yield (
            f"failure.cutoff: '{chosen}' needs the mean and SD of people who are well",
            f"give them in instruments.{symptoms[0]}.norms as functional, or use 'given'",
        )


def _norm(path: str, norm: Mapping[str, Any], direction: int) -> Iterator[tuple[str, str]]:
    both = [norm.get(population) for population in ("functional", "clinical")]
    for population, given in zip(("functional", "clinical"), both, strict=True):
        if given and given[1] <= 0:
            yield f"{path}.{population}: an SD is above 0", "write [mean, SD]"
    if all(both) and direction * (both[0][0] - both[1][0]) <= 0:  # type: ignore[index]
        side = "higher" if direction > 0 else "lower"
        yield (
            f"{path}: people who are well are no better than patients, where {side} is better",
            "check the direction of the instrument and which mean is whose",
        )


def _instrument(path: str, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for found, remedy in misuse(given):
        yield f"{path}: {found}", remedy
    for place, norm in enumerate(given["norms"]):
        yield from _norm(f"{path}.norms.{place}", norm, given["direction"])
    low, high = given["range"]
    if low >= high:
        yield f"{path}.range: the lowest value must come first", "write [lowest, highest]"
    listed = {"reversed": given["reversed"]}
    listed |= {f"subscales.{name}": items for name, items in given["subscales"].items()}
    for key, items in listed.items():
        for item in items:
            if item not in given["items"]:
                yield (
                    f"{path}.{key}: '{item}' is not among the instrument's items"
                    f"{did_you_mean(item, given['items'])}",
                    f"list it under {path}.items, or correct its name",
                )
