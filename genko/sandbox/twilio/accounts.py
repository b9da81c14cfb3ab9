"""A Twilio account: what it has beyond every provider's, and how the control API describes one."""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import Field

from genko.sandbox.bodies import NewAccount
from genko.sandbox.records import Account


@dataclass
class Template:
    sid: str
    name: str
    body: str
    language: str = "en"
    status: str = "approved"
    variables: dict[str, str] = field(default_factory=dict)


@dataclass
class TwilioAccount(Account):
    templates: dict[str, Template] = field(default_factory=dict)


class NewTwilioAccount(NewAccount):
    id: str = Field(pattern="^AC[0-9a-f]{32}$")
    templates: list[Template] = Field(default=[])


def make_account(body: NewAccount, now: datetime) -> TwilioAccount:
    assert isinstance(body, NewTwilioAccount)
    templates = {template.sid: template for template in body.templates}
    return TwilioAccount(
        body.id, body.token, body.address, body.name, body.status, created_at=now, templates=templates
    )
