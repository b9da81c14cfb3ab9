"""What can be made to go wrong, how often, and for which requests."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import count

from genko.sandbox.calls import Call


class FaultKind(StrEnum):
    TOO_MANY_REQUESTS = "too_many_requests"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    HANG_AFTER = "hang_after"
    CUT = "cut"
    TRUNCATED_JSON = "truncated_json"
    HTML_PAGE = "html_page"
    SLOW = "slow"
    DUPLICATES = "duplicates"
    OUT_OF_ORDER = "out_of_order"
    LAG = "lag"
    SHUFFLED = "shuffled"
    MEDIA_MISSING = "media_missing"
    QUEUED = "queued"


# The calls, by `Call.kind`, that a fault can hit; faults that are not named here spoil the transport of any call.
CALLS_HIT: dict[FaultKind, set[str]] = {
    FaultKind.DUPLICATES: {"list"},
    FaultKind.OUT_OF_ORDER: {"list", "fetch"},
    FaultKind.LAG: {"list"},
    FaultKind.SHUFFLED: {"list"},
    FaultKind.MEDIA_MISSING: {"media", "cdn"},
    FaultKind.QUEUED: {"create"},
}
ON_THE_WIRE = frozenset(FaultKind) - CALLS_HIT.keys()


@dataclass
class Fault:
    kind: FaultKind
    times: int | None = None
    method: str | None = None
    path: str | None = None
    account: str | None = None
    status: int = 500
    seconds: float = 1.0
    id: int = 0

    def hits(self, call: Call) -> bool:
        calls = CALLS_HIT.get(self.kind)
        return (
            (calls is None or call.kind in calls)
            and self.method in (None, call.method)
            and (self.path is None or self.path in call.path)
            and self.account in (None, call.account_id)
        )


class Faults:
    def __init__(self) -> None:
        self.active: list[Fault] = []
        self._ids = count(1)

    def add(self, fault: Fault) -> Fault:
        fault.id = next(self._ids)
        self.active.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        self.active = [fault for fault in self.active if fault_id not in (None, fault.id)]

    def on_the_wire(self, call: Call) -> Fault | None:
        """The oldest fault that spoils this request's transport; it counts as used."""
        return self._use(call, ON_THE_WIRE)

    def take(self, kind: FaultKind, call: Call) -> Fault | None:
        """The oldest fault of this kind for this request; it counts as used."""
        return self._use(call, frozenset({kind}))

    def _use(self, call: Call, kinds: frozenset[FaultKind]) -> Fault | None:
        for fault in self.active:
            if fault.kind in kinds and fault.hits(call):
                self._count_down(fault)
                return fault
        return None

    def _count_down(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times <= 0:
            self.active.remove(fault)
