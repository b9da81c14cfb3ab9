"""Records as the provider writes them down in JSON."""

from datetime import datetime
from email.utils import format_datetime

from genko.sandbox.errors import ERROR_MESSAGES
from genko.sandbox.records import Account, Media, Message, Status, Template

Json = dict[str, object]
VERSION = "2010-04-01"


def rfc2822(moment: datetime | None) -> str | None:
    return format_datetime(moment.replace(microsecond=0)) if moment else None


def account_uri(account_sid: str) -> str:
    return f"/{VERSION}/Accounts/{account_sid}"


def message_uri(message: Message) -> str:
    return f"{account_uri(message.account_sid)}/Messages/{message.sid}"


def message_json(message: Message, seen_as: Status | None = None) -> Json:
    uri = message_uri(message)
    code = message.error_code
    return {
        "account_sid": message.account_sid,
        "api_version": VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created_at),
        "date_sent": rfc2822(message.sent_at),
        "date_updated": rfc2822(message.updated_at),
        "direction": "inbound" if message.inbound else "outbound-api",
        "error_code": code,
        "error_message": ERROR_MESSAGES.get(code, "Message not delivered") if code else None,
        "from": message.sender,
        "messaging_service_sid": None,
        "num_media": str(len(message.media) or int(message.sid.startswith("MM"))),
        "num_segments": "1",
        "price": None,
        "price_unit": None,
        "sid": message.sid,
        "status": str(seen_as or message.status),
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.recipient,
        "uri": f"{uri}.json",
    }


def media_json(message: Message, media: Media) -> Json:
    return {
        "account_sid": message.account_sid,
        "content_type": media.content_type,
        "date_created": rfc2822(message.created_at),
        "date_updated": rfc2822(message.created_at),
        "parent_sid": message.sid,
        "sid": media.sid,
        "uri": f"{message_uri(message)}/Media/{media.sid}.json",
    }


def account_json(account: Account) -> Json:
    uri = account_uri(account.sid)
    return {
        "auth_token": account.token,
        "date_created": rfc2822(account.created_at),
        "date_updated": rfc2822(account.created_at),
        "friendly_name": account.name,
        "owner_account_sid": account.sid,
        "sid": account.sid,
        "status": account.status,
        "subresource_uris": {"messages": f"{uri}/Messages.json"},
        "type": "Full",
        "uri": f"{uri}.json",
    }


def template_json(account: Account, template: Template) -> Json:
    approval = {
        "name": template.name,
        "category": "UTILITY",
        "content_type": "twilio/text",
        "status": template.status,
        "rejection_reason": "",
    }
    return {
        "account_sid": account.sid,
        "sid": template.sid,
        "friendly_name": template.name,
        "language": template.language,
        "variables": template.variables,
        "types": {"twilio/text": {"body": template.body}},
        "approval_requests": approval,
        "date_created": account.created_at.isoformat(),
        "date_updated": account.created_at.isoformat(),
    }
