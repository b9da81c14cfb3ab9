"""The JSON bodies the control API takes. Times are ISO 8601 with an offset."""

import base64
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field

from genko.sandbox import samples
from genko.sandbox.faults import FaultKind
from genko.sandbox.records import Media, Status

PatientId = Annotated[str, Field(min_length=1)]


def _status_of_outbound(status: Status) -> Status:
    if status is Status.RECEIVED:
        raise ValueError("a message the clinic sent is never received")
    return status


SentStatus = Annotated[Status, AfterValidator(_status_of_outbound)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class NewAccount(Body):
    """What every provider's account has; a provider adds its own in a subclass."""

    id: str
    token: str
    address: str
    name: str = "Clinic"
    status: Literal["active", "suspended", "closed"] = "active"


class NewMedia(Body):
    """Either `kind` (a generated sample) or `content_type` and `base64`."""

    kind: samples.Kind | None = None
    content_type: str = "application/octet-stream"
    data: Base64Bytes = Field(default=base64.b64encode(b""), alias="base64")

    def build(self) -> Media:
        if self.kind is not None:
            return Media(*samples.make(self.kind))
        return Media(self.content_type, self.data)


class PatientMessage(Body):
    account: str
    patient: PatientId = Field(validation_alias=AliasChoices("from", "patient"))
    name: str = ""
    body: str = ""
    media: list[NewMedia] = []
    at: AwareDatetime | None = None
    id: str | None = None


class PastMessage(Body):
    """`status` and `error_code` are for what the clinic sent."""

    direction: Literal["in", "out"]
    patient: PatientId
    at: AwareDatetime
    name: str = ""
    body: str = ""
    status: SentStatus = Status.READ
    error_code: int | None = None
    media: list[NewMedia] = []
    id: str | None = None


class History(Body):
    account: str
    messages: list[PastMessage]


class Conversation(Body):
    account: str
    patient: PatientId


class PatientChange(Conversation):
    """Only the fields in the body change. `unreachable`: an error code, true for the provider's usual one, false for reachable."""

    name: str | None = None
    opted_out: bool | None = None
    blocked: bool | None = None
    unreachable: bool | int | None = None
    phone_on: bool | None = None


class NewFault(Body):
    """`times` null: until cleared. `path`: a part of the path. `seconds`: wait, Retry-After, lag or time in the queue."""

    kind: FaultKind
    times: int | None = Field(default=None, ge=1)
    method: str | None = None
    path: str | None = None
    account: str | None = None
    status: int = 500
    seconds: float = 1.0


class Reset(Body):
    keep_accounts: bool = False


class Pace(Body):
    step: float = Field(ge=0)
