"""Clínica Sol, a small mixed practice in Berlin, and its last seven days. Plain data, told as stories."""

from dataclasses import dataclass

from genko.access.models import Role
from genko.demo.dental import DENTAL
from genko.demo.front_desk import FRONT_DESK
from genko.demo.script import Noted, Record, Story
from genko.messages.models import TouchKind

CLINIC = "Clínica Sol"
TIME_ZONE = "Europe/Berlin"
REGION = "DE"


@dataclass(frozen=True)
class Member:
    """Somebody who works here. `key` is how the stories call them."""

    key: str
    name: str
    email: str
    role: Role


ADMINISTRATOR = "A"
ADMINISTRATOR_NAME = "Ada Brandt"
MEMBERS = (
    Member("M", "Maria Ferreira", "maria@clinica-sol.example", Role.STAFF),
    Member("J", "Jonas Keller", "jonas@clinica-sol.example", Role.STAFF),
    Member("V", "Vic Osei", "vic@clinica-sol.example", Role.VIEWER),
)


@dataclass(frozen=True)
class Number:
    """One of the clinic's WhatsApp numbers and who wrote to it."""

    label: str
    phone: str
    sid: str
    colour: str
    stories: tuple[Story, ...]


NUMBERS = (
    Number("Front desk", "+493023125110", f"AC{'f0' * 16}", "#0f766e", FRONT_DESK),
    Number("Dental", "+493023125220", f"AC{'de' * 16}", "#7c3aed", DENTAL),
)

# Patients who have not written: for trying "New conversation". The first one's is begun already.
QUIET = (
    (
        "+4917604069091",
        Record("Cornelia", "Faßbender", "c.fassbender@post.example", "Recall: check-up is due."),
    ),
    ("+447700900192", Record("Samuel", "Okafor", "samuel.okafor@mail.example")),
    ("+34600000193", Record("Montserrat", "Puig", "montse.puig@correo.example")),
    ("", Record("Heinz", "Ziegler", notes="No mobile phone, write letters.")),
)
QUIET_TOUCH = Noted(
    TouchKind.CALL, 2, "11:15", "M", "Not on WhatsApp with us yet, so called: comes on Friday."
)

REPLIES = (
    ("Appointment offer", "Hello {first name}, we have time for you on … at …. Shall I book it?"),
    ("Directions", "Hello {first name}, you find {clinic} at Südstern (U7), entrance from the yard, second floor. The lift is on the left."),
    ("Rezept ist fertig", "Hallo {first name}, Ihr E-Rezept ist auf der Karte und kann in jeder Apotheke eingelöst werden. Ihr Team der {clinic}"),
    ("Cita confirmada", "Hola {first name}, su cita está confirmada. ¡Hasta pronto! {clinic}"),
    ("Thank you", "Thank you, {first name}! Have a good day. Your team at {clinic}"),
)  # fmt: skip
