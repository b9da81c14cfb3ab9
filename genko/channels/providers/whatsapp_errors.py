"""Twilio's error codes: what they mean to staff and what follows. Unknown codes are final and shown as such."""

from genko.channels.base import Trouble

_M, _A, _B, _O = Trouble.MESSAGE, Trouble.ACCOUNT, Trouble.BUSY, Trouble.OPTED_OUT
_NOT_CONNECTED = (
    "The WhatsApp connection is not set up right. Ask an administrator to check it under Settings."
)
_NOT_REACHABLE = "This number cannot be reached on WhatsApp. Check the number, or call instead."
_BAD_FILE = "The file could not be fetched by WhatsApp. Check its type and size, then send it again."
_BAD_TEMPLATE = "WhatsApp refused the template. Check its wording and its variables."
_TRY_LATER = "WhatsApp takes no more messages from this number right now. Send it again later."
_OPTED_OUT = "This person asked for no more messages (STOP). They can write START to change that."

_CODES: dict[str, tuple[Trouble, str]] = {
    "20003": (_A, "Twilio did not accept the auth token. Check it in the Twilio console and paste it again."),
    "20005": (_A, "This Twilio account is not active. Open the Twilio console to see why."),
    "20404": (_M, "Twilio does not know this message or account."),
    "20429": (_B, "Twilio asks us to slow down."),
    "21211": (_M, "This is not a number that can receive messages. Check the number."),
    "21212": (_A, _NOT_CONNECTED),
    "21606": (_A, _NOT_CONNECTED),
    "21660": (_A, _NOT_CONNECTED),
    "21408": (_M, "The Twilio account may not send to this country. Ask an administrator."),
    "21610": (_O, _OPTED_OUT),
    "21611": (_B, "Too many messages wait at Twilio for this number."),
    "21617": (_M, "The text is longer than 1,600 characters. Split it and send it again."),
    "21620": (_M, _BAD_FILE),
    "21623": (_M, "WhatsApp takes one file a message. Send them one by one."),
    "63001": (_A, _NOT_CONNECTED),
    "63003": (_M, _NOT_REACHABLE),
    "63005": (_M, "WhatsApp refused this message. Reword it and send it again."),
    "63006": (_M, "WhatsApp could not accept the form of this message. Reword it and send it again."),
    "63007": (
        _A,
        "The sender number is not a WhatsApp sender of this Twilio account. Ask an administrator to check it.",
    ),
    "63008": (_A, _NOT_CONNECTED),
    "63010": (_M, "WhatsApp had a fault of its own. Send the message again."),
    "63012": (_M, "WhatsApp had a fault of its own. Send the message again."),
    "63013": (_M, "WhatsApp refused this message for policy reasons. Reword it, or call instead."),
    "63014": (_O, "This person has blocked messages from us. Call instead."),
    "63015": (_M, "This person has not joined the Twilio sandbox yet: they first send it the join code."),
    "63016": (
        _M,
        "Not sent: the 24-hour reply window had closed. Only an approved template can be sent now.",
    ),
    "63017": (_M, _TRY_LATER),
    "63018": (_M, _TRY_LATER),
    "63019": (_M, _BAD_FILE),
    "63020": (_A, "The WhatsApp number is not active at the provider. Ask an administrator."),
    "63021": (_M, _BAD_TEMPLATE),
    "63023": (_M, "WhatsApp had a fault of its own. Send the message again."),
    "63024": (_M, _NOT_REACHABLE),
    "63025": (_A, _NOT_CONNECTED),
    "63027": (_M, _BAD_TEMPLATE),
    "63028": (_M, _BAD_TEMPLATE),
    "63029": (_M, _BAD_TEMPLATE),
    "63030": (_M, _BAD_TEMPLATE),
    "63032": (_M, "WhatsApp will not deliver to this person at the moment. Call instead."),
    "63033": (_O, "This person has blocked messages from us. Call instead."),
    "63038": (_M, "The daily limit of messages is reached. Send it again tomorrow."),
    "63040": (_M, _BAD_TEMPLATE),
    "63041": (_M, _BAD_TEMPLATE),
    "11200": (_M, _BAD_FILE),
}


def is_known(code: str) -> bool:
    return code in _CODES


def explain(code: str) -> str:
    known = _CODES.get(code)
    if known:
        return known[1]
    return (
        f"WhatsApp did not take the message (code {code})." if code else "WhatsApp did not take the message."
    )


def trouble(code: str) -> Trouble:
    return _CODES.get(code, (_M, ""))[0]
