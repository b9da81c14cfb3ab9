"""What a front desk writes every day: the reminder before an appointment, and how people answer it."""

from random import Random

_REMINDERS: dict[str, tuple[str, ...]] = {
    "de": (
        """M: Hallo {first}, wir erinnern Sie an Ihren Termin morgen um {time} Uhr. Antworten Sie bitte mit JA, wenn es dabei bleibt. Ihr Team der Clínica Sol
< Ja
M: Danke, bis morgen!""",
        """J: Guten Tag {first}, Ihr Termin bei uns ist morgen um {time} Uhr. Passt es noch?
< Passt, vielen Dank für die Erinnerung 👍
< Soll ich die Versichertenkarte mitbringen?
J: Ja bitte, das neue Quartal hat begonnen.""",
        """M: Hallo {first}, kurze Erinnerung: morgen um {time} Uhr sind Sie bei uns eingetragen.
< Ja super, ich komme
M: Prima, wir freuen uns.""",
    ),
    "en": (
        """M: Hello {first}, a reminder of your appointment tomorrow at {time}. Reply YES to confirm. Your team at Clínica Sol
< YES
M: Thank you, see you tomorrow!""",
        """J: Hi {first}, you are booked with us tomorrow at {time}. Does that still suit you?
< Yes, I'll be there
< Which floor was it again?
J: Second floor, the lift is on the left behind the café 🙂""",
        """M: Hello {first}, we look forward to seeing you tomorrow at {time}. Please bring your insurance card.
< Will do, thanks!
M: Perfect.""",
    ),
    "es": (
        """M: Hola {first}, le recordamos su cita de mañana a las {time}. Responda SÍ para confirmar. Clínica Sol
< SÍ
M: ¡Gracias, hasta mañana!""",
        """M: Buenos días, {first}: mañana a las {time} tiene cita con nosotros. ¿Le sigue yendo bien?
< Sí, perfecto, allí estaré
< Llego en metro, ¿la parada es Südstern?
M: Exacto, y luego son tres minutos andando.""",
    ),
    "pt": (
        """M: Olá {first}, lembramos a sua consulta amanhã às {time}. Responda SIM para confirmar. Clínica Sol
< SIM 🙂
M: Nós é que agradecemos. Até amanhã!""",
        """M: Bom dia {first}! A sua consulta é amanhã às {time}. Confirma?
< Confirmo sim 😊
< Posso levar o meu filho comigo?
M: Claro, temos um cantinho com brinquedos.""",
    ),
}
_AFTERWARDS: dict[str, tuple[str, ...]] = {
    "de": (
        """J: Schön, dass Sie heute da waren! Wenn noch etwas ist, schreiben Sie uns einfach hier.
< Danke, alles bestens
J: 👍""",
        """< Danke noch mal für heute, das ging ja wirklich schnell
M: Das hören wir gern. Einen schönen Abend!""",
    ),
    "en": (
        """M: Thank you for coming in today. If any question is left, just write to us here.
< Will do, thank you!
M: Have a good evening!""",
        """< Quick question, when do I come back?
J: In three months. We remind you two weeks before.""",
    ),
    "es": (
        """M: Gracias por venir hoy. Si tiene alguna duda, escríbanos por aquí.
< Muchas gracias, muy amables
M: ¡A usted!""",
        """< Hoy olvidé pedir el justificante para el trabajo
M: Se lo dejo preparado en recepción.""",
    ),
    "pt": (
        """M: Obrigada pela visita de hoje. Se tiver alguma dúvida, escreva por aqui.
< Correu tudo bem 👍
M: Que bom!""",
        """< Muito simpática a equipa, até à próxima!
M: Foi um prazer. Boa noite!""",
    ),
}
_APPOINTMENTS = ("08:30", "09:15", "10:00", "11:30", "14:15", "15:00", "16:45")


def visit(language: str, first_name: str, dice: Random) -> str:
    """The reminder six days ago and the evening of the visit five days ago, in the spelling of `script`.

    The second lies within 24 hours of the patient's answer to the first, as WhatsApp wants it.
    """
    before = dice.choice(_REMINDERS[language]).format(first=first_name, time=dice.choice(_APPOINTMENTS))
    after = dice.choice(_AFTERWARDS[language])
    evening, next_evening = f"6d 17:{dice.randint(30, 59)}", f"5d 17:{dice.randint(10, 29)}"
    return "\n".join([_timed(evening, before, dice), _timed(next_evening, after, dice)])


def _timed(start: str, lines: str, dice: Random) -> str:
    first, *others = lines.splitlines()
    return "\n".join([f"{start} {first}"] + [f"+{dice.randint(1, 35)} {line}" for line in others])
