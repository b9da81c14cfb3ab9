"""Records as Twilio writes them in JSON."""

from datetime import datetime
from email.utils import format_datetime
from secrets import token_hex

from genko.sandbox.records import Media, Message, Status
from genko.sandbox.stand_in import Json
from genko.sandbox.twilio.accounts import Template, TwilioAccount
from genko.sandbox.twilio.errors import ERROR_MESSAGES

VERSION = "2010-04-01"
PREFIX = "whatsapp:"


def new_message_sid(media: list[Media]) -> str:
    return f"{'MM' if media else 'SM'}{token_hex(16)}"


def sender(message: Message) -> str:
    return PREFIX + (message.patient_id if message.inbound else message.clinic_address)


def recipient(message: Message) -> str:
    return PREFIX + (message.clinic_address if message.inbound else message.patient_id)


def rfc2822(moment: datetime | None) -> str | None:
    return format_datetime(moment.replace(microsecond=0)) if moment else None


def account_uri(account_sid: str) -> str:
    return f"/{VERSION}/Accounts/{account_sid}"


def message_uri(message: Message) -> str:
    return f"{account_uri(message.account_id)}/Messages/{message.id}"


def message_json(message: Message, seen_as: Status | None = None) -> Json:
    uri = message_uri(message)
    code = message.error_code
    return {
        "account_sid": message.account_id,
        "api_version": VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created_at),
        "date_sent": rfc2822(message.sent_at),
        "date_updated": rfc2822(message.updated_at),
        "direction": "inbound" if message.inbound else "outbound-api",
        "error_code": code,
        "error_message": ERROR_MESSAGES.get(code, "Message not delivered") if code else None,
        "from": sender(message),
        "messaging_service_sid": None,
        "num_media": str(len(message.media) or int(message.id.startswith("MM"))),
        "num_segments": "1",
        "price": None,
        "price_unit": None,
        "sid": message.id,
        "status": str(seen_as or message.status),
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": recipient(message),
        "uri": f"{uri}.json",
    }


def media_json(message: Message, media: Media) -> Json:
    return {
        "account_sid": message.account_id,
        "content_type": media.content_type,
        "date_created": rfc2822(message.created_at),
        "date_updated": rfc2822(message.created_at),
        "parent_sid": message.id,
        "sid": media.id,
        "uri": f"{message_uri(message)}/Media/{media.id}.json",
    }


def account_json(account: TwilioAccount) -> Json:
    uri = account_uri(account.id)
    return {
        "auth_token": account.token,
        "date_created": rfc2822(account.created_at),
        "date_updated": rfc2822(account.created_at),
        "friendly_name": account.name,
        "owner_account_sid": account.id,
        "sid": account.id,
        "status": account.status,
        "subresource_uris": {"messages": f"{uri}/Messages.json"},
        "type": "Full",
        "uri": f"{uri}.json",
    }


def template_json(account: TwilioAccount, template: Template) -> Json:
    approval = {
        "name": template.name,
        "category": "UTILITY",
        "content_type": "twilio/text",
        "status": template.status,
        "rejection_reason": "",
    }
    return {
        "account_sid": account.id,
        "sid": template.sid,
        "friendly_name": template.name,
        "language": template.language,
        "variables": template.variables,
        "types": {"twilio/text": {"body": template.body}},
        "approval_requests": approval,
        "date_created": account.created_at.isoformat(),
        "date_updated": account.created_at.isoformat(),
    }
