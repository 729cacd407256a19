"""E-mail, telephone, web addresses and addresses of computers."""

import ipaddress
import re

from rupture_outcome.study.gate.detector import detector

REMOVE = "remove it: nothing by which a person can be reached may enter"
REGIONS = ("DE", "AT", "CH", "GB", "US", "FR", "NL", "IT", "ES", "BE", "PL", "SE", "DK", "NO")

_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
_HANDLE = re.compile(r"(?<!\w)@[A-Za-z]\w{2,}")
_ABROAD = re.compile(r"(?<!\w)(\+|00)[1-9][\d ()/.\-]{6,}\d(?!\w)")
_NATIONAL = re.compile(r"(?<![\w.,-])\(?0[1-9]\d{1,4}\)?[ /\-]{0,3}\d[\d \-/]{3,}\d(?![\w.,])")
_NANP = re.compile(r"(?<![\w.-])\(?[2-9]\d\d\)?[ .\-]{1,2}\d{3}[ .\-]\d{4}(?![\w-])")
_ADDRESS = re.compile(
    r"(?i)\b(https?|ftp)://|\bwww\.\w|"
    r"(?<![\w@])[a-z0-9-]{2,}\.(de|com|org|net|ch|at|uk|eu|fr|it|nl|es|edu|gov|info)(?![\w.])"
)
_OCTETS = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?![\w.])")
_GROUPS = re.compile(r"(?<![\w:])([0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:]*)(?![\w:])")
_DEVICE = re.compile(r"(?i)(?<![\w:-])[0-9a-f]{2}([:-])([0-9a-f]{2}\1){4}[0-9a-f]{2}(?![\w:-])")


@detector("e_mail", "@", "cells look like e-mail addresses or names of accounts", REMOVE)
def e_mail(text: str) -> bool:
    """Whether a text holds an e-mail address, or the name of an account.

    >>> e_mail("write to a.m@clinic.org"), e_mail("seen @ 10")
    (True, False)
    """
    return bool(_MAIL.search(text) or _HANDLE.search(text))


@detector("telephone", r"\d[\d ()/.\-]{5,}\d", "cells look like telephone numbers", REMOVE)
def telephone(text: str) -> bool:
    """Whether a text holds a telephone number, as Google's library knows them.

    >>> [telephone(t) for t in ("+49 151 23456789", "030/1234567", "12.5 - 14.25")]
    [True, True, False]
    """
    import phonenumbers

    def is_number(found: re.Match[str], region: str | None) -> bool:
        number = found[0]
        if number.startswith("00"):
            number = f"+{number[2:]}"
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            return False
        if region is None or region == "US":
            return phonenumbers.is_possible_number(parsed)
        return phonenumbers.is_valid_number(parsed)

    abroad, own, american = (p.search(text) for p in (_ABROAD, _NATIONAL, _NANP))
    return bool(
        (abroad and is_number(abroad, None))
        or (american and is_number(american, "US"))
        or (own and any(is_number(own, region) for region in REGIONS))
    )


@detector("url", r"(?i)://|www\.|[a-z0-9-]\.[a-z]{2,4}", "cells look like web addresses", REMOVE)
def url(text: str) -> bool:
    """Whether a text holds a web address.

    >>> url("see www.clinic.org/anna"), url("e.g. this")
    (True, False)
    """
    return bool(_ADDRESS.search(text)) and not _MAIL.search(text)


@detector(
    "ip_address",
    r"\d\.\d{1,3}\.\d{1,3}\.\d|:[0-9A-Fa-f:]*:|[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-",
    "cells look like addresses of computers or devices",
    REMOVE,
)
def ip_address(text: str) -> bool:
    """Whether a text holds an IP or device address.

    >>> ip_address("192.168.1.20"), ip_address("fe80::1"), ip_address("12:30:45")
    (True, True, False)
    """
    for found in (*_OCTETS.findall(text), *_GROUPS.findall(text)):
        try:
            ipaddress.ip_address(found)
        except ValueError:
            continue
        return True
    return bool(_DEVICE.search(text))
