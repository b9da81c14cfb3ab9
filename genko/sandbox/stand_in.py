"""What the shared parts (control API, faults, the patient's phone) need to know of one provider."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from genko.sandbox.bodies import NewAccount
from genko.sandbox.calls import CallPattern
from genko.sandbox.records import Account, Media, Message
from genko.sandbox.world import Provider

Json = dict[str, object]


@dataclass(frozen=True)
class AddressHint:
    """How the phone page asks for the address of somebody new."""

    label: str
    placeholder: str
    input_mode: str  # the keyboard on a touch screen, as in HTML's `inputmode`
    ignored: str  # regular expression (JavaScript) of characters that people type between the others
    pattern: str  # regular expression (JavaScript) of the whole address without them
    refusal: str


@dataclass(frozen=True)
class Messaging:
    """What only a provider has that carries messages between a clinic and people."""

    label: str
    account_body: type[NewAccount]
    make_account: Callable[[NewAccount, datetime], Account]
    new_message_id: Callable[[list[Media]], str]
    message_json: Callable[[Message], Json]
    unreachable_code: int
    address_hint: AddressHint
    opt_out_words: Mapping[str, bool] = field(default_factory=dict)  # opted out after the word?


@dataclass(frozen=True)
class StandIn:
    """`account_in` says whose account a request is about; `refusal` answers with an HTTP status in the provider's shape."""

    key: str
    create_app: Callable[[Provider], ASGIApp]
    call_patterns: tuple[CallPattern, ...]
    account_in: Callable[[Scope], str]
    refusal: Callable[[int], Response]
    messaging: Messaging | None = None
