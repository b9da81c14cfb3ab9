"""Names, phones and words of the made-up clinic."""

from genko import phone

_FIRST = (
    "Ada Ben Carla Díaz Emil Fatima Greta Hugo Inés Jonas Kaya Leon Mia Noor Olga Paul Quirin Rosa Sven Tessa"
)
_LAST = "Adler Becker Castro Dogan Ebert Fischer García Huber Ivanov Jung Keller Lang Müller Nowak Otto Peters Ruiz"
_SYLLABLES = "ba ce di fo gu ha ke li mo nu pa re si to vu wa ye zo"
_WORDS = (
    "appointment please thank you tomorrow morning can we the for is my pain doctor tooth today afternoon at to and "
    "hello good when possible week monday friday time come price treatment need cancel move new again okay yes no sorry "
    "prescription insurance form send photo x ray crown cleaning braces child daughter son invoice pay card late bus "
    "address parking open close holiday number call back message"
)


def vocabulary() -> list[str]:
    """Real words first, then 5832 of three syllables each, from common to rare."""
    parts = _SYLLABLES.split()
    return [*_WORDS.split(), *(a + b + c for a in parts for b in parts for c in parts)]


def name(number: int) -> str:
    first, last = _FIRST.split(), _LAST.split()
    return f"{first[number % len(first)]} {last[number * 7 // len(first) % len(last)]}"


def phone_of(number: int) -> str:
    return f"+49151{number:08d}"


def phone_words(number: int) -> list[str]:
    """As `phone.search_words`, which takes a minute for 100,000 numbers."""
    national = phone_of(number)[3:]
    return [
        f"49{national}",
        national,
        f"0{national}",
        f"0049{national}",
        national[-7:],
        national[-6:],
        national[-4:],
    ]


assert phone_words(1) == phone.search_words(phone_of(1))
