"""What a column's name or label says, in English and German."""

import re
import unicodedata

_ID = r"( ?(id|nr|no|num|number|nummer|code|chiffre|key|pseudonym))"
_DATE = r"( ?(date|datum|day))"
ALLIANCE = (
    r"\b(wai( ?(sr|s|12|36))?|srs|haq( ?ii)?|arm( ?5)?|calpas|stib|tas|alliances?|allianz|buendnis"
    r"|arbeits(buendnis|beziehung)|therapeutische beziehung|therapiebeziehung|session rating)\b"
)
SYMPTOM = (
    r"\b(phq( ?9)?|gad( ?7)?|ors|core( ?(10|om))?|oq( ?(45|30))?|bdi( ?(ii|2))?|bsi( ?(18|53))?|scl"
    r"|hscl|symptom\w*|distress|belastung|outcome rating|depression score|beschwerden)\b"
)
RUPTURE = r"\b(ruptures?|ruptur(en)?|krise|psq rupture)\b"
TENSION = r"\b(tension|spannung)\b"
RESOLUTION = r"\b(resolution|resolved|klaerung|geklaert|loesung)\b"
BASELINE = r"\b(baseline|base|intake|pre|prae|bl|t0|aufnahme|eingangs?|vor(her)?|screening)\b"
BY_THERAPIST = r"\b(therapist|therapeut(in)?|thera|ther|th|t|counsell?or)\b"
PARTS = r"\b(task|bond|goal|ziele?|aufgaben?|bindung|subscale|subskala|item|q[0-9]+|i[0-9]+)\b"
TOTALS = r"\b(total|tot|sum|summe|gesamt\w*|score|mean|mittel\w*|mw)\b"

# Of each role, what the whole name may be; the first that fits counts.
ROLES: dict[str, str] = {
    "missed_last_appointment": r"(missed last|letzte[rn]? (termin|sitzung) versaeumt).*",
    "therapist_judged_dropout": rf".*({BY_THERAPIST}).*(judged|urteil).*"
    r"|.*dropout ther\w*( urteil)?",
    "planned_sessions": r".*\b(planned|geplante?|bewilligte?|authori[sz]ed|kontingent)\b.*",
    "last_session": r"(last|letzte) (attended )?(session|sitzung|stunde)( attended| nr| no)?"
    r"|last attended",
    "item": r"(item|frage|question|variable|field|feld)( ?(id|nr|no|number|name|code))?",
    "answer": r"(value|answer|antwort|response|wert|rating|item (value|score))",
    "patient_id": r"(patient(en|in)?|pat|client|klient(en|in)?|case|fall|participant"
    rf"|teilnehmer(in)?|proband(in)?|subject|subj|vp|person|study|record|studien?){_ID}"
    r"|patient(in)?|client|klient(in)?|participant|subject|proband(in)?|id|pid|code|chiffre|vpn"
    r"|fallnummer|patid|patnr|subjectid|clientid|patientid|cid|pseudonym",
    "therapist_id": rf"(therapist(en)?|therapeut(en|in)?|behandler(in)?|provider|clinician"
    rf"|counsell?or|thera|ther|th){_ID}?|tid|therapeutin",
    "site_id": rf"(site|clinic|klinik|cent(re|er)|zentrum|standort|practice|praxis|ambulanz){_ID}?",
    "unit_id": rf"(unit|couple|paar|famil(y|ie)|dyade?|group|gruppe){_ID}",
    "age_band": r"age (band|group|class|category)|alters(gruppe|klasse)",
    "age": r"(age|alter)( (years|jahre|at intake|bei aufnahme|in years|in jahren))?",
    "gender": r"gender|sex|geschlecht",
    "format": r"format|setting",
    "treatment": r"treatment|arm|condition|bedingung|therapie(form|art|verfahren)|verfahren"
    r"|intervention|therapy type",
    "population": r"population|(haupt|primary |main )?(diagnos\w+|dx)( group| gruppe)?|stoerung"
    r"|diagnosegruppe|icd( ?10| ?11)?( code)?",
    "dropout": r"(drop ?out|dropped( out)?|abbruch|abgebrochen|premature( termination)?"
    r"|discontinued)( (flag|status|yn|ja nein|0 1))?",
    "no_show": r"no ?show|missed( (session|appointment))?|versaeumt|nicht erschienen|absent"
    r"|gefehlt",
    "ending": r"ending|(treatment |therapy )?end(ing)? (status|reason|type)"
    r"|abschluss( ?(art|status))?"
    r"|(therapie|behandlungs)?(ende|abschluss|beendigung)( ?(art|grund|status))?"
    r"|beendigung\w*"
    r"|(discharge|termination|exit|closure)( (reason|status|type))?|completion( status)?"
    r"|therapieausgang|(treatment|therapy) (status|outcome)|abschlussart|beendigungsgrund",
    "attended": r"attended|attendance( status)?|anwesend(heit)?|erschienen|teilgenommen"
    r"|wahrgenommen|(termin|appointment|session|sitzungs?|visit) ?status|status|kept|stattgefunden",
    "day": r"day|tag|(study |therapy )?days?( since \w+)?|tage?( seit \w+)?",
    "session": r"redcap session"
    rf"|(session|sitzungs?|sess|stunde|visit|termin|contact|appointment|kontakt){_ID}?"
    r"|sitzungsnummer|session ?(index|count)|sitzungszahl|occasion|messzeitpunkt|mzp|wave"
    r"|time ?point",
    "severity": rf".*({SYMPTOM}).*({BASELINE}).*|.*({BASELINE}).*({SYMPTOM}).*|severity|schweregrad"
    r"|baseline( score)?",
}
INTAKE = (
    r".*\b(intake|aufnahme|admission|enrol\w*|begin|beginn|start|erstgespraech|anmeldung)\b.*"
    r"|.*\bbaseline\b.*|aufnahmedatum|therapiebeginn|behandlungsbeginn|startdatum"
)
OTHER_DATE = (
    r".*\b(birth|geburt\w*|geb|dob|end\w*|discharge|exit|entlass\w*|abschluss\w*|letzte\w*)\b.*"
)

GERMAN = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}


def plain(name: str) -> str:
    """Write a name in small Latin letters, its words apart.

    >>> plain("TherapeutID"), plain("Bündnis_S3"), plain("WAI-SR total")
    ('therapeut id', 'buendnis s3', 'wai sr total')
    """
    low = re.sub(r"(?<=[a-zäöü])(?=[A-ZÄÖÜ])", " ", name)
    low = low.lower().translate(GERMAN)
    ascii_only = unicodedata.normalize("NFKD", low).encode("ascii", "ignore").decode()
    return " ".join(re.split(r"[^a-z0-9]+", ascii_only)).strip()


def role_by_name(name: str) -> str | None:
    """Say what a column is by its whole name.

    >>> role_by_name("Klient"), role_by_name("Sitzungs-Nr"), role_by_name("phq9_baseline")
    ('patient_id', 'session', 'severity')
    """
    words = plain(name)
    for role, pattern in ROLES.items():
        if re.fullmatch(pattern, words):
            return role
    return measure_by_name(words)


def measure_by_name(words: str) -> str | None:
    """Say which measurement of a session a name means.

    Parts of a scale and single items are none: they are not its score.
    """
    spaced = re.sub(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])", " ", words)
    both = f"{words} | {spaced}"
    who = "therapist" if re.search(BY_THERAPIST, both) else "patient"
    if re.search(TENSION, both):
        return f"psq_{who}_tension"
    if re.search(RUPTURE, both) and not re.search(RESOLUTION, both):
        return f"psq_{who}_rupture"
    if re.search(RESOLUTION, both):
        return f"psq_{who}_resolution"
    if re.search(PARTS, both) and not re.search(TOTALS, both):
        return None
    if re.search(ALLIANCE, both):
        return f"alliance_{who}"
    return "symptom" if re.search(SYMPTOM, both) else None
