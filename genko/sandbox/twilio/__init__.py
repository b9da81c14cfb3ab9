"""Twilio's WhatsApp: messages, media, and what an account has."""

from genko.sandbox.stand_in import AddressHint, Messaging, StandIn
from genko.sandbox.twilio import accounts, app, calls, errors, shapes

STAND_IN = StandIn(
    key="twilio",
    create_app=app.create_app,
    call_patterns=calls.PATTERNS,
    account_in=calls.account_in,
    refusal=errors.refusal,
    messaging=Messaging(
        label="WhatsApp",
        account_body=accounts.NewTwilioAccount,
        make_account=accounts.make_account,
        new_message_id=shapes.new_message_sid,
        message_json=shapes.message_json,
        unreachable_code=errors.NOT_ON_WHATSAPP,
        address_hint=AddressHint(
            label="Number",
            placeholder="+34 600 123 456",
            input_mode="tel",
            ignored=r"[\s().-]",
            pattern=r"\+[1-9]\d{6,14}",
            refusal="Type the number with its country, such as +34 600 123 456.",
        ),
        opt_out_words={"stop": True, "start": False, "unstop": False},
    ),
)
