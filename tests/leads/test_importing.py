"""Leads out of a file and into one."""

import csv
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from genko import clock
from genko.access.clinic import change_clinic
from genko.access.models import AuditEntry
from genko.errors import NotAllowed, Refused
from genko.leads import csv_export, csv_import, table, tags
from genko.leads.csv_import import Column, LeftOut
from genko.leads.filters import LeadFilter
from genko.leads.models import Lead, LeadSource, LeadStage
from genko.people import merging
from genko.people.import_leads import Outcome, import_rows
from genko.people.merge_choices import Side
from tests.factories import Clinic, add_patient
from tests.leads import people
from tests.people.records import patient, talking

FILE = """Vorname;Nachname;Handy;E-Mail;Quelle;Status;Notizen;Tags
Ana;Díaz;0151 12345678;ANA@x.org;Website;Prospect;"Zwei
Zeilen";urgent, Later
Ben;Groß;+49 160 7654321;;;;;
;;12;;;;;
Cem;Öz;0170 1112223;;Fax;;;
Dan;;0170 1112224;;;Converted;;
;;;only@mail.org;;;;
"""


def run(clinic: Clinic, data: bytes, *, by: int | None = None) -> Outcome:
    sheet = csv_import.read_sheet(data)
    columns = csv_import.guess_columns(sheet.headers)
    with clinic.database.transaction() as session:
        return import_rows(session, sheet.rows, columns, LeadSource.REFERRAL, by=by or clinic.maria)


def lines(left_out: Sequence[LeftOut]) -> list[int]:
    return [one.line for one in left_out]


def leads(clinic: Clinic) -> list[Lead]:
    with clinic.database.reading() as session:
        return list(session.scalars(sa.select(Lead).order_by(Lead.id)))


def export(session: Session, wanted: LeadFilter, *, by: int) -> bytes:
    return csv_export.export_ids(session, table.find_ids(session, wanted, clock.now()), by=by)


def exported(clinic: Clinic, wanted: LeadFilter = LeadFilter()) -> list[dict[str, str]]:  # noqa: B008 - frozen
    with clinic.database.transaction() as session:
        data = export(session, wanted, by=clinic.maria)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_a_file_without_a_line_of_names_loses_nobody() -> None:
    sheet = csv_import.read_sheet(b"Max,0171 8000200,max@m.example,x\nEva,0171 8000201,eva@m.example,y\n")
    assert not sheet.named
    assert [row.values[0] for row in sheet.rows] == ["Max", "Eva"]
    assert csv_import.guess_columns(sheet.headers) == {Column.PHONE: 1, Column.EMAIL: 2}
    for names in ("Name,Phone", "Name;Phone;Email (as a@b.de)", "Name;Phone;202401;202402"):
        assert csv_import.read_sheet(f"{names}\nMax;0171 8000200;x;y\n".encode()).named, names
    unsure = csv_import.read_sheet(b"1024567;Anna Berg;+49 151 23456789\n")
    assert (unsure.headers, len(unsure.rows)) == (("", "", ""), 1)


def test_a_source_is_known_in_the_languages_of_the_headers() -> None:
    sheet = csv_import.read_sheet(b"first_name,Phone,Lead_Source\nMax,0171 8000200,Empfehlung\n")
    [row] = sheet.rows
    read = csv_import.read_row(row, csv_import.guess_columns(sheet.headers), LeadSource.WEBSITE, "DE")
    assert not isinstance(read, LeftOut)
    assert (read[1].first_name, read[1].source) == ("Max", LeadSource.REFERRAL)


def test_a_row_that_cannot_be_taken_is_told_by_its_name_or_what_else_it_has() -> None:
    sheet = csv_import.read_sheet(FILE.encode())
    columns = csv_import.guess_columns(sheet.headers)
    found = {row.line: csv_import.who(row, columns) for row in sheet.rows}
    assert found == {2: "Ana Díaz", 4: "Ben Groß", 5: "12", 6: "Cem Öz", 7: "Dan", 8: "only@mail.org"}


def test_a_file_brings_in_its_leads_and_says_which_lines_are_wrong(clinic: Clinic) -> None:
    outcome = run(clinic, FILE.encode())
    assert (outcome.added, outcome.known) == (2, ())
    assert [one.line for one in outcome.problems] == [5, 6, 7, 8]
    assert all(one.sentence.endswith(".") for one in outcome.problems)
    ana, ben = leads(clinic)
    assert (ana.name, ana.phone, ana.email, ana.stage) == (
        "Ana Díaz", "+4915112345678", "ana@x.org", LeadStage.PROSPECT,
    )  # fmt: skip
    assert (ana.notes, ana.source, ben.source) == (
        "Zwei\nZeilen", LeadSource.WEBSITE, LeadSource.REFERRAL,
    )  # fmt: skip
    with clinic.database.reading() as session:
        assert tags.of(session, [ana.id]) == {ana.id: ["later", "urgent"]}


def test_notes_come_in_and_go_out_whole_however_long(clinic: Clinic) -> None:
    notes = "long " * 3_000 + "end"
    assert run(clinic, f"Phone,Notes\n0151 12345678,{notes}\n".encode()).added == 1
    assert [one.notes for one in leads(clinic)] == [one["Notes"] for one in exported(clinic)] == [notes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_spreadsheet_s_file_is_read(encoding: str, separator: str) -> None:
    data = separator.join(["Name", "Téléphone"]) + "\r\n" + separator.join(["José Núñez", "0151"]) + "\r\n"
    sheet = csv_import.read_sheet(data.encode(encoding))
    assert (sheet.headers, sheet.rows[0].line) == (("Name", "Téléphone"), 2)
    assert sheet.rows[0].values == ("José Núñez", "0151")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('"Name, given, family";Phone\n"Ana; Díaz";0151\n', 2),
        ('"Name\n(given, family, both)";Phone\n"Ana; Díaz";0151\n', 3),
        ('sep=;\nName;"Phone, mobile, work"\n"Ana; Díaz";0151\n', 3),
        ('"sep=;"\r\nName;"Phone, mobile, work"\r\n"Ana; Díaz";0151\r\n', 3),
        ('Size in "Zoll;Phone;a,b\n"Ana; Díaz";0151;\n', 2),
    ],
)
def test_a_separator_in_quotes_parts_nothing_and_one_that_the_file_names_is_taken(
    text: str, line: int
) -> None:
    sheet = csv_import.read_sheet(text.encode())
    assert "Phone" in sheet.headers[1]
    assert (sheet.rows[0].values[:2], sheet.rows[0].line) == (("Ana; Díaz", "0151"), line)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"sep=,\n",
        b"sep=,\nName,Phone\n",
        b"Name,Phone\n",
        b"\xff\xfe",
    ],
)
def test_a_file_without_rows_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Refused, match="column names"):
        csv_import.read_sheet(data)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Phone,First Name,Last Name,E-mail,Source,Stage,Notes,Tags", "Phone,First name,Last name,Email,Source,Stage,Notes,Tags"),
        ("Handynummer,Vorname,Nachname,E-Mail-Adresse,Herkunft", "Phone,First name,Last name,Email,Source"),
        ("Teléfono,Nombre,Apellidos,Correo electrónico,Etiquetas", "Phone,First name,Last name,Email,Tags"),
        ("Téléphone,Prénom,Nom,Courriel,Étiquettes", "Phone,First name,Last name,Email,Tags"),
        ("Telemóvel,Nome,Apelido,Email,Observações", "Phone,First name,Last name,Email,Notes"),
        ("Cellulare,Nome,Cognome,Indirizzo e-mail,Note", "Phone,First name,Last name,?,Notes"),
        ("Telefon,Name", "Phone,Full name"),
    ],
)  # fmt: skip
def test_columns_are_guessed_from_headers_in_six_languages(headers: str, expected: str) -> None:
    names = headers.split(",")
    places = {place: column for column, place in csv_import.guess_columns(names).items()}
    guessed = [places.get(place) for place in range(len(names))]
    assert guessed == [None if one == "?" else Column(one) for one in expected.split(",")]


def test_the_same_file_again_adds_nobody(clinic: Clinic) -> None:
    run(clinic, FILE.encode())
    again = run(clinic, FILE.replace("0151 12345678", "+49 (0) 151 / 123456-78").encode())
    assert (again.added, lines(again.known), len(leads(clinic))) == (0, [2, 4], 2)


def test_spellings_patients_and_rows_of_one_file_are_one_person(clinic: Clinic) -> None:
    people.add_lead(clinic, phone="+5511987654321")
    with clinic.database.transaction() as session:
        add_patient(session, by=clinic.maria, region="DE", first_name="P", phone_number="0160 7654321")
    rows = "phone,source,email\n+55 11 8765 4321\n0160 7654321\n0170 1112223\n+49 170 1112223\n,instagram,a@b.org\n,instagram,A@b.org\n"
    outcome = run(clinic, rows.encode())
    assert (outcome.added, lines(outcome.known), outcome.problems) == (2, [2, 3, 5, 7], ())


def test_a_number_with_the_tail_of_a_spreadsheet_s_figure_is_that_number(clinic: Clinic) -> None:
    run(clinic, b"phone\n4915112345678.0\n+491607654321.00\n015112345670.000\n")
    assert [one.phone for one in leads(clinic)] == ["+4915112345678", "+491607654321", "+4915112345670"]


@pytest.mark.parametrize(
    "typed", ["12/05/1980", "5.12.1980", "1980-05-12", "31/12/80", "12-05-1980 00:00", "1980-05-12T00:00:00"]
)
def test_a_date_is_no_phone_number(clinic: Clinic, typed: str) -> None:
    outcome = run(clinic, f"phone\n{typed}\n".encode())
    [problem] = outcome.problems
    assert "date" in problem.sentence
    assert leads(clinic) == []


def test_only_who_comes_in_as_lost_is_lost_for_a_reason(clinic: Clinic) -> None:
    run(clinic, b"phone,stage\n0151 12345678,lost\n0160 7654321,prospect\n")
    assert [one.lost_reason for one in leads(clinic)] == ["Imported as lost.", ""]
    people.add_lead(clinic, phone="+491701112223", lost_reason="Imported as lost.")
    rows = {row["Phone"].replace(" ", "")[-4:]: row["Lost because"] for row in exported(clinic)}
    assert rows == {"5678": "Imported as lost.", "4321": "", "2223": ""}


def test_a_number_that_breaks_off_is_a_fault_of_its_row(clinic: Clinic) -> None:
    outcome = run(clinic, b"phone\n0176 000\n0176 00000000\n")
    assert (outcome.added, lines(outcome.problems)) == (1, [2])
    assert "too short" in outcome.problems[0].sentence


@pytest.mark.parametrize("typed", ["030/12 34 56", "0151-12-345678", "30.12.34.56.78"])
def test_a_number_in_groups_is_no_date(clinic: Clinic, typed: str) -> None:
    assert run(clinic, f"phone\n{typed}\n".encode()).added == 1


def test_a_child_at_the_mother_s_phone_is_named_and_left_out_every_time(clinic: Clinic) -> None:
    people.add_lead(clinic, first_name="Eva", last_name="Roth", phone="+491607654321", name_typed=True)
    people.add_lead(clinic, first_name="🌸", last_name="", phone="+491701112223")
    file = (
        "phone,name\n0151 12345678,Ana Díaz\n015112345678,Leo Díaz\n0160 7654321,Jan Roth\n"
        "0160 7654321,Eva Maria Roth\n0160 7654321,\n0170 1112223,Ida Voss\n015112345678,Anna Diaz\n"
    )
    for added in (1, 0):
        outcome = run(clinic, file.encode())
        assert (outcome.added, lines(outcome.problems)) == (added, [3, 4])
        assert all("another name" in one.sentence for one in outcome.problems)
        assert lines(outcome.known)[-4:] == [5, 6, 7, 8]
        assert len(leads(clinic)) == 3


def test_an_email_finds_who_has_no_phone_yet_and_leaves_a_family_s_phones_apart(clinic: Clinic) -> None:
    rows = ",ana@x.org,instagram\n0151 12345678,ana@x.org,\n0160 1,eva@x.org,\n0160 7654321,eva@x.org,\n"
    rows += "0170 1112223,eva@x.org,\n,eva@x.org,instagram\n"
    outcome = run(clinic, f"phone,email,source\n{rows}".encode())
    assert (outcome.added, lines(outcome.problems), lines(outcome.known)) == (3, [4], [3, 7])
    assert "Add it" in outcome.known[0].sentence


def test_two_who_import_the_same_file_at_once_add_everybody_once(clinic: Clinic) -> None:
    rows = "phone\n" + "".join(f"0151 {number:08}\n" for number in range(40))
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: run(clinic, rows.encode()), range(4)))
    assert sum(one.added for one in outcomes) == len(leads(clinic)) == 40


def test_a_viewer_neither_imports_nor_exports(clinic: Clinic) -> None:
    with pytest.raises(NotAllowed):
        run(clinic, FILE.encode(), by=clinic.vic)
    with clinic.database.transaction() as session, pytest.raises(NotAllowed):
        export(session, LeadFilter(), by=clinic.vic)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_an_export_is_run_by_a_spreadsheet(clinic: Clinic, start: str) -> None:
    people.add_lead(clinic, first_name=f"{start}cmd|' /C calc'!A0", notes=f"{start}1+1")
    [row] = exported(clinic)
    number = row.pop("Phone")
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
    assert (number, row["Notes"]) == ("+49 1511 2345678", f"'{start}1+1")


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("+4915112345678", "+49 1511 2345678"),
        ("+14155552671", "+1 415 555 2671"),
        ("+5511987654321", "+55 11 98765 4321"),
    ],
)
def test_a_phone_is_exported_as_text_that_is_its_number_again(
    clinic: Clinic, number: str, written: str
) -> None:
    people.add_lead(clinic, phone=number)
    [row] = exported(clinic)
    assert row["Phone"] == written
    assert csv_export.undefused(row["Phone"]).replace(" ", "") == number
    assert csv_export.defused("+49 1;=x") == "'+49 1;'=x"


@pytest.mark.parametrize("separator", ";,\t\n")
def test_no_part_of_a_cell_is_run_by_a_spreadsheet_that_parts_cells_otherwise(
    clinic: Clinic, separator: str
) -> None:
    people.add_lead(clinic, first_name=f"x{separator}=cmd|' /C calc'!A0\"", notes=f'x"{separator}"+1+1')
    [row] = exported(clinic)
    assert row["First name"] == f"x{separator}'=cmd|' /C calc'!A0\""
    assert row["Notes"] == f'x"{separator}"\'+1+1'


@pytest.mark.parametrize(
    ("region", "separator"), [("DE", ";"), ("ES", ";"), ("BR", ";"), ("US", ","), ("GB", ","), ("MX", ",")]
)
def test_an_export_opens_right_in_the_clinic_s_country_and_comes_in_whole(
    clinic: Clinic, region: str, separator: str
) -> None:
    notes = "Zwei; drei, vier\n- \"eins\"\n'-2;=3\n''+4\t@5"
    people.add_lead(clinic, first_name="x;=y", notes=notes, tags=["a b", "c"])
    with clinic.database.transaction() as session:
        change_clinic(session, by=clinic.ada, name="Sol", time_zone="Europe/Berlin", region=region)
        data = export(session, LeadFilter(), by=clinic.maria)
        session.execute(sa.delete(Lead))
    [headers, *_] = data.decode("utf-8-sig").splitlines()
    assert headers.startswith(f'"First name"{separator}"Last name"{separator}')
    assert run(clinic, data).added == 1
    [lead] = leads(clinic)
    assert (lead.first_name, lead.phone, lead.notes) == ("x;=y", "+4915112345678", notes)
    with clinic.database.reading() as session:
        assert tags.of(session, [lead.id])[lead.id] == ["a b", "c"]


@pytest.mark.property
@given(st.text("1=+-@'\";,\t\r\n x", max_size=12))
def test_what_was_defused_comes_back_as_it_was(cell: str) -> None:
    assert csv_export.undefused(csv_export.defused(cell)) == cell


def test_an_export_has_what_is_filtered_is_audited_and_comes_in_again(clinic: Clinic) -> None:
    people.add_lead(clinic, tags=["urgent", "later"], notes="-1 tooth")
    people.add_lead(clinic, first_name="Ben", phone="+491607654321", source=LeadSource.WEBSITE)
    [row] = exported(clinic, LeadFilter(tag="urgent"))
    assert (row["First name"], row["Tags"], row["Source"]) == ("Ana", "later, urgent", "WhatsApp")
    with clinic.database.transaction() as session:
        data = export(session, LeadFilter(), by=clinic.maria)
        details = session.scalars(
            sa.select(AuditEntry.detail).where(AuditEntry.action == "leads:export")
        ).all()
    assert details == ["1 leads", "2 leads"]
    assert lines(run(clinic, data).known) == [2, 3]
    again = data.replace(b'"Lead"', b'"Converted"')
    assert again != data
    assert lines(run(clinic, again).known) == [2, 3]  # a converted one is here already, too
    with clinic.database.transaction() as session:
        session.execute(sa.delete(Lead))
    assert run(clinic, data).added == 2
    assert [one.notes for one in leads(clinic)] == ["", "-1 tooth"]


def test_who_writes_from_the_phone_is_known_whatever_their_record_says(clinic: Clinic) -> None:
    writers = {
        "whatsapp:+4915100000001": {
            "patient_id": patient(clinic, "Ana", "Díaz", phone_number="0151 99999999")
        },
        "whatsapp:+4915100000002": {"lead_id": people.add_lead(clinic, phone=None, first_name="Ben")},
        "whatsapp:+4915100000003": {},  # whose lead was deleted
    }
    for address, whose in writers.items():
        talking(clinic, address, phone=address.removeprefix("whatsapp:"), **whose)
    outcome = run(clinic, b"Name,Phone\nAna,0151 00000001\nBen,0151 00000002\nCem,0151 00000003\n")
    assert (outcome.added, lines(outcome.known)) == (1, [2, 3])
    other = run(clinic, b"Name,Phone\nZoe,0151 00000001\n")
    assert (other.added, lines(other.problems)) == (0, [2])


def test_after_a_merge_the_same_file_still_adds_nobody_and_after_its_undo_neither(clinic: Clinic) -> None:
    data = "Name,Phone,Email\nAna Díaz,0151 00000001,\nAna Diaz,0151 00000002,a@x.org\n".encode()
    assert run(clinic, data).added == 2
    kept, gone = (one.id for one in leads(clinic))
    with clinic.database.transaction() as session:
        number = merging.merge_leads(session, kept, gone, {"phone": Side.LOSER}, by=clinic.maria)
    assert lines(run(clinic, data).known) == [2, 3]
    with clinic.database.transaction() as session:
        merging.undo(session, number, by=clinic.maria)
    assert lines(run(clinic, data).known) == [2, 3]
    assert len(leads(clinic)) == 2


def test_a_stray_quotation_mark_hides_no_rows(clinic: Clinic) -> None:
    rows = [f"Ana{number},+4915112345{number:03},fine" for number in range(40)]
    for broken in ('"never closed', '"closed" too early'):
        rows[2] = f"Eva,+4915112345999,{broken}"
        with pytest.raises(Refused, match="Line 4 cannot be read: perhaps its quotation marks"):
            csv_import.read_sheet("\n".join(["Name,Phone,Notes", *rows]).encode())


def test_a_damaged_byte_leaves_the_other_names_as_they_are() -> None:
    data = "Name,Phone\nJosé,1\nZoë,2\nÄnne,3\n".encode().replace("ë".encode(), b"\xeb")
    assert [row.values[0] for row in csv_import.read_sheet(data).rows] == ["José", "Zo\ufffd", "Änne"]
