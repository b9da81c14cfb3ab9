"""Reads leads out of a spreadsheet's CSV file; people.import_leads takes them in."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from genko import phone, text
from genko.errors import GenkoError, Refused
from genko.leads import records, sources
from genko.leads.csv_export import undefused
from genko.leads.models import LeadSource, LeadStage
from genko.leads.records import LeadFields

LARGEST = 20_000_000  # bytes
_SEPARATORS = ",;\t"
_SAYS = re.compile(
    r'"?sep=([,;\t])', re.IGNORECASE
)  # how Excel is told the separator, in a line before the headers
_QUOTED = re.compile(r'(?<![^,;\t\r\n])"(?:[^"]|"")*(?:"|\Z)')
_DAMAGED = "\N{REPLACEMENT CHARACTER}"
_SHORTEST = 6  # digits of a phone that gives a row of a person away; less may be a year
_HEAD = 100_000  # characters that are looked at for the separator
_TENTHS = re.compile(r"(\+?\d{6,})[.,]0+")  # a number that a spreadsheet keeps as a figure
_DATE = re.compile(
    r"(\d{1,2}([./-])\d{1,2}\2((19|20)\d\d|\d\d)|(19|20)\d\d([./-])\d{1,2}\6\d{1,2})([ T]\d{1,2}:.*)?"
)
csv.field_size_limit(1_000_000)


class Column(StrEnum):
    """What a column of the file may hold, by the names that staff see."""

    PHONE = "Phone"
    FIRST_NAME = "First name"
    LAST_NAME = "Last name"
    NAME = "Full name"
    EMAIL = "Email"
    SOURCE = "Source"
    STAGE = "Stage"
    NOTES = "Notes"
    TAGS = "Tags"


# Folded headers in English, German, Spanish, French, Portuguese and Italian.
_HEADERS: dict[Column, str] = {
    Column.PHONE: "phone|phone number|telephone|tel|mobile|mobile number|mobile phone|cell|cell phone|whatsapp|telefon|"
    "telefonnummer|handy|handynummer|mobil|mobilnummer|rufnummer|telefono|numero de telefono|movil|celular|"
    "numero de telephone|portable|telefone|numero de telefone|telemovel|cellulare|numero di telefono",
    Column.FIRST_NAME: "first name|firstname|given name|forename|vorname|nombre de pila|prenom|primeiro nome|nome proprio",
    Column.LAST_NAME: "last name|lastname|surname|family name|nachname|familienname|apellido|apellidos|nom de famille|"
    "sobrenome|apelido|cognome",
    Column.NAME: "name|full name|contact|contact name|vollstandiger name|kontakt|nombre|nombre completo|nombre y apellidos|"
    "nom|nom complet|nom et prenom|nome|nome completo|nome e cognome|contacto|contatto",
    Column.EMAIL: "email|e mail|mail|email address|e mail address|e mail adresse|correo|correo electronico|courriel|"
    "adresse e mail|adresse email|indirizzo email",
    Column.SOURCE: "source|lead source|channel|quelle|herkunft|kanal|fuente|origen|origine|canal|fonte|origem|canale|provenienza",
    Column.STAGE: "stage|status|pipeline stage|phase|stufe|estado|etapa|fase|statut|etape|situacao|stato",
    Column.NOTES: "notes|note|comment|comments|remarks|notiz|notizen|bemerkung|bemerkungen|kommentar|notas|nota|comentario|"
    "comentarios|observaciones|remarque|remarques|commentaire|observacoes|osservazioni|commenti",
    Column.TAGS: "tags|tag|label|labels|schlagwort|schlagworter|etikett|etiqueta|etiquetas|etiquette|etiquettes|etichetta|etichette",
}  # fmt: skip
_BY_SOURCE = {word: source for source in LeadSource for word in sources.WORDS[source].file_words.split("|")}
_BY_HEADER = {name: column for column, names in _HEADERS.items() for name in names.split("|")}


@dataclass(frozen=True)
class SheetRow:
    line: int  # in the file, where the row begins; the headers stand in line 1
    values: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    headers: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    named: bool = True  # by a first line of the file; else by what stands in the first row


Read = tuple[int, LeadFields]  # the line on which it begins, and what it says


@dataclass(frozen=True)
class LeftOut:
    """A row that was not taken, and why."""

    line: int
    sentence: str


def read_sheet(data: bytes) -> Sheet:
    """UTF-8, UTF-16 or Windows' own encoding; separated by comma, semicolon or tab."""
    if len(data) > LARGEST:
        raise Refused(f"The file is larger than {LARGEST // 1_000_000} MB. Split it into several.")
    decoded = _decoded(data)
    if "\0" in decoded:
        raise Refused("This is no text file. Save the sheet as CSV and choose that file.")
    written = text.storable(decoded)
    # Strictly: a stray quotation mark would make all that follows one person's notes.
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=_separator(written), strict=True)
    found: list[SheetRow] = []
    begins = 1
    try:
        for values in reader:
            if any(value.strip() for value in values):
                found.append(SheetRow(begins, tuple(value.strip() for value in values)))
            begins = reader.line_num + 1
    except csv.Error:
        raise Refused(
            f"Line {begins} cannot be read: perhaps its quotation marks do not match. Mend it, or save the file as CSV once more."
        ) from None
    if found and _SAYS.match(written):
        found = found[1:]
    first = found[0].values if found else ()
    named = not found or bool(guess_columns(first)) or not any(map(_header_of, first))
    if len(found) < 1 + named:
        raise Refused("The file needs a line of column names and at least one row below.")
    if named:
        return Sheet(first, tuple(found[1:]))
    headers = tuple(map(_header_of, first))
    if headers.count(Column.PHONE) > 1:  # a number of the patient's, perhaps: which is the phone, staff say
        headers = tuple("" if one == Column.PHONE else one for one in headers)
    return Sheet(headers, tuple(found), named=False)


def _header_of(value: str) -> str:
    """What a cell gives away by itself."""
    if "@" in value and "." in value:
        return Column.EMAIL
    is_phone = phone.looks_like_number(value) and len(phone.digits(value)) >= _SHORTEST
    return Column.PHONE if is_phone and not _DATE.fullmatch(value) else ""


def guess_columns(headers: Sequence[str]) -> dict[Column, int]:
    """The place of each column that its header gives away."""
    found: dict[Column, int] = {}
    for place, header in enumerate(headers):
        column = _BY_HEADER.get(" ".join(text.words(header.replace("_", " "))))
        if column:
            found.setdefault(column, place)
    if Column.NAME in found and Column.LAST_NAME in found and Column.FIRST_NAME not in found:
        found[Column.FIRST_NAME] = found.pop(Column.NAME)  # as in `Nombre; Apellidos`
    if Column.NAME in found and Column.FIRST_NAME in found and Column.LAST_NAME not in found:
        found[Column.LAST_NAME] = found.pop(Column.NAME)  # as in `Nom; Prénom`
    return found


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data[1:2] == b"\0":  # without the mark that says so
        return data.decode("utf-16-le", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        mended = data.decode("utf-8-sig", "replace")
        # A damaged byte or two do not make a file one of Windows' own; letters that are no UTF-8 do.
        whole = sum(1 for one in mended if one > "\x7f" and one != _DAMAGED)
        return mended if whole > mended.count(_DAMAGED) else data.decode("cp1252", "replace")


def _separator(written: str) -> str:
    """The one that the file names, else the one that parts the line of headers most often; not what stands in quotes."""
    if says := _SAYS.match(written):
        return says[1]
    bare = _QUOTED.sub("x", written[:_HEAD])
    first = next((line for line in bare.splitlines() if line.strip()), "")
    return max(_SEPARATORS, key=first.count)


def read_row(row: SheetRow, columns: Mapping[Column, int], source: LeadSource, region: str) -> Read | LeftOut:
    """Cleaned fields. `source` is taken where the row names none."""
    try:
        return row.line, _fields(_given(row, columns), source, region)
    except GenkoError as error:
        return LeftOut(row.line, str(error))


def who(row: SheetRow, columns: Mapping[Column, int]) -> str:
    """The person of a row by what the file says, also where it cannot be taken."""
    given = _given(row, columns)
    name = text.full_name(*_names(given))
    return name or given.get(Column.PHONE) or given.get(Column.EMAIL) or ""


def _given(row: SheetRow, columns: Mapping[Column, int]) -> dict[Column, str]:
    return {column: undefused(row.values[at]) for column, at in columns.items() if at < len(row.values)}


def _fields(given: Mapping[Column, str], source: LeadSource, region: str) -> LeadFields:
    first, last = _names(given)
    fields = LeadFields(
        first,
        last,
        _number(given.get(Column.PHONE, "")),
        given.get(Column.EMAIL, ""),
        _source(given.get(Column.SOURCE, "")) or source,
        _stage(given.get(Column.STAGE, "")),
        given.get(Column.NOTES, ""),
        tuple(given.get(Column.TAGS, "").replace(";", ",").split(",")),
    )
    if not fields.phone_number and not fields.email:
        raise Refused("There is neither a phone number nor an email.")
    return records.clean(fields, region)


def _number(cell: str) -> str:
    if _DATE.fullmatch(cell):
        raise Refused("The phone number looks like a date. Is it the right column?")
    whole = _TENTHS.fullmatch(cell)
    return whole[1] if whole else cell


def _names(given: Mapping[Column, str]) -> tuple[str, str]:
    """A full name's last word is the last name."""
    first, last = given.get(Column.FIRST_NAME, ""), given.get(Column.LAST_NAME, "")
    if first or last:
        return first, last
    whole = given.get(Column.NAME, "")
    if "," in whole:
        last, _, first = whole.partition(",")
        return first.strip(), last.strip()
    first, _, last = whole.rpartition(" ")
    return (first, last) if first else (last, "")


def _source(cell: str) -> LeadSource | None:
    if not cell:
        return None
    try:
        return _BY_SOURCE[" ".join(text.words(cell))]
    except KeyError:
        raise Refused(f"The source is none of {', '.join(source.label for source in LeadSource)}.") from None


def _stage(cell: str) -> LeadStage:
    try:
        return LeadStage(text.fold(cell)) if cell else LeadStage.LEAD
    except ValueError:
        raise Refused(f"The stage is none of {', '.join(one.capitalize() for one in LeadStage)}.") from None
