"""Given and family names of twenty countries, from faker's lists."""

import importlib
from functools import cache

LOCALES = (
    "de_DE", "de_AT", "de_CH", "en_US", "en_GB", "fr_FR", "it_IT", "es_ES", "nl_NL", "pl_PL",
    "tr_TR", "pt_PT", "sv_SE", "da_DK", "no_NO", "cs_CZ", "hr_HR", "ro_RO", "hu_HU", "fi_FI",
)  # fmt: skip
# Also words, towns or treatments: alone they say nothing.
# fmt: off
WORDS = frozenset(
    [
        "adelaide", "alba", "alma", "april", "art", "asia", "august", "aurora", "austin",
        "baron", "barcelona", "beate", "belle", "bill", "bliss", "blue", "brooklyn", "can",
        "candy", "carol", "chance", "charity", "charlotte", "china", "chelsea", "christian",
        "claire", "clay", "cliff", "cora", "crystal", "dale", "dallas", "data", "dawn",
        "day", "dean", "denver", "diamond", "dolores", "don", "drew", "duke", "eden",
        "earl", "eve", "faith", "fern", "flora", "florence", "florida", "forest", "frank",
        "france", "gay", "gale", "gene", "general", "genesis", "georgia", "germany",
        "ginger", "glen", "gold", "grace", "grant", "guy", "hall", "harmony", "harvest",
        "haven", "hazel", "heath", "holly", "hope", "hunter", "independent", "india",
        "iris", "israel", "ivy", "jack", "jade", "jasmine", "jersey", "jewel", "job",
        "jordan", "joy", "july", "june", "justice", "kent", "king", "lance", "lara", "leo",
        "liberty", "lily", "linden", "london", "logan", "lourdes", "love", "madison",
        "major", "male", "margarita", "marina", "mark", "mars", "mason", "max", "may",
        "melody", "mercedes", "mercy", "merit", "miles", "milan", "mile", "misty",
        "modesto", "montana", "morgan", "moses", "nova", "oda", "odd", "olive", "page",
        "paris", "patience", "pearl", "penny", "per", "perla", "phoenix", "pilar", "poppy",
        "precious", "prince", "princess", "progress", "prosper", "prudence", "rain", "ray",
        "reed", "reform", "rich", "river", "robin", "rocky", "rod", "roman", "rose",
        "royal", "ruby", "rusty", "sage", "salem", "sandy", "santos", "savannah",
        "serenity", "shelby", "sidney", "sky", "sierra", "sol", "sofia", "star", "stern",
        "sterling", "stone", "summer", "sunny", "sydney", "sommer", "taylor", "tea",
        "terra", "theta", "toy", "troy", "true", "trinity", "tyler", "union", "valencia",
        "vienna", "victor", "virginia", "viola", "violet", "von", "wade", "warren",
        "washington", "west", "wien", "will", "willow", "winter", "young", "van", "sam",
        "bob", "tan", "tor", "therapist", "patient", "client", "rater", "wife", "husband",
        "female", "partner", "mother", "father", "sister", "brother",
    ]
)
# fmt: on


@cache
def given_names() -> frozenset[str]:
    """Given names in small letters, without those that are words, too."""
    return _listed("first_names", "first_names_male", "first_names_female") - WORDS


@cache
def family_names() -> frozenset[str]:
    """Family names in small letters."""
    return _listed("last_names", "last_names_male", "last_names_female")


def _listed(*kinds: str) -> frozenset[str]:
    found: set[str] = set()
    for locale in LOCALES:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for kind in kinds:
            found.update(name.lower() for name in getattr(provider, kind, ()))
    return frozenset(name for name in found if len(name) > 2)
