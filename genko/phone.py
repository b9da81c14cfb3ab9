"""Phone numbers: stored in E.164, shown the clinic's way, matched in any spelling."""

import re
from functools import lru_cache

import phonenumbers

from genko.errors import Refused

_DIGITS = re.compile(r"\D+")
_OLD_MEXICAN = re.compile(r"\+521(\d{10})")  # as WhatsApp still shows mobiles
_SHORTEST = 6  # digits of a national number; emergency numbers have fewer
_WITH_CODE = 11  # digits that a mobile has at least with its country code, and few numbers have without
_FEWEST_DIGITS = 3  # fewer would be found in nearly every number
# From the first digit on, without an extension. A word there would be dialled as on old telephones: A is 2, D is 3.
_NUMBER = re.compile(r"[+\d].*?(?=\s*(?:ext\.?|x|#)\s*\d{1,6}\s*$|$)", re.IGNORECASE | re.DOTALL)
_TELEPHONE_LIKE = re.compile(r"^[\d\s()+./-]{3,}$")


def normalize(typed: str, region: str) -> str:
    """E.164 of what somebody typed, with a word such as `Tel.` before it at most; Refused when it cannot be a number."""
    found = _NUMBER.search(typed)
    if found and any(one.isalpha() for one in found[0]):
        raise Refused("There are letters in this phone number. Type the number alone.")
    if mexican := _OLD_MEXICAN.fullmatch(re.sub(r"[^\d+]", "", typed)):
        typed = f"+52{mexican[1]}"
    try:
        number = _without_plus(typed, region) or phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not _is_whole(number):
        raise Refused("This does not look like a phone number. Type it with its area code.")
    if _breaks_off(number):
        raise Refused("This phone number is too short. Type all of it, with its area code.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _without_plus(typed: str, region: str) -> phonenumbers.PhoneNumber | None:
    """A mobile of this country with its code: where numbers have any length, as in Germany, it passes for an area code."""
    given, code = digits(typed), str(phonenumbers.country_code_for_region(region))
    if "+" in typed or not given.startswith(code) or len(given) < _WITH_CODE:
        return None
    number = phonenumbers.parse(f"+{given}")
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    return number if mobile else None


def _is_whole(number: phonenumbers.PhoneNumber) -> bool:
    """With its area code."""
    reason = phonenumbers.is_possible_number_with_reason(number)
    national = phonenumbers.national_significant_number(number)
    return reason == phonenumbers.ValidationResult.IS_POSSIBLE and len(national) >= _SHORTEST


def _breaks_off(number: phonenumbers.PhoneNumber) -> bool:
    """Validity alone is not asked for: new ranges are in use before the tables know them. They are not short, though."""
    mobile = phonenumbers.PhoneNumberType.MOBILE
    length = phonenumbers.is_possible_number_for_type_with_reason(number, mobile)
    short = length == phonenumbers.ValidationResult.TOO_SHORT
    return short and not phonenumbers.is_valid_number(number)


@lru_cache(maxsize=5000)
def shown(e164: str, region: str) -> str:
    """The national spelling at home, the international one for everybody else. Remembered: lists are full of them."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    # Unknown patterns lose their prefix in the national style.
    home = phonenumbers.is_valid_number(number) and phonenumbers.region_code_for_number(number) == region
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def spaced(e164: str) -> str:
    """In the spelling of every country, `+49 1511 2345678`: text to a spreadsheet, which takes E.164 for a figure."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return _DIGITS.sub(" ", written).replace(" ", "+", 1)


def variants(e164: str) -> list[str]:
    """The spellings of one mobile phone in the countries that changed theirs, the given one first.

    Brazil writes mobiles with or without a 9 after the area code, Mexico with or without a 1 after 52,
    Argentina with or without a 9 after 54. Only for finding people, never for choosing where to reply.
    """
    found = [e164]
    if match := re.fullmatch(r"\+55(\d{2})9?([6-9]\d{7})", e164):
        found += [f"+55{match[1]}9{match[2]}", f"+55{match[1]}{match[2]}"]
    elif match := re.fullmatch(r"\+521?(\d{10})", e164):
        found += [f"+52{match[1]}", f"+521{match[1]}"]
    elif match := re.fullmatch(r"\+549?(\d{10})", e164):
        found += [f"+54{match[1]}", f"+549{match[1]}"]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=5000)
def search_words(e164: str) -> list[str]:
    """Digit strings whose beginnings people type: international, national, with 0, and the last digits."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return [digits(e164)]
    national = phonenumbers.national_significant_number(number)
    full = f"{number.country_code}{national}"
    return list(
        dict.fromkeys(
            [full, national, f"0{national}", f"00{full}", national[-7:], national[-6:], national[-4:]]
        )
    )


def digits(typed: str) -> str:
    return _DIGITS.sub("", typed)


def looks_like_number(typed: str) -> bool:
    return bool(_TELEPHONE_LIKE.match(typed.strip())) and len(digits(typed)) >= _FEWEST_DIGITS
