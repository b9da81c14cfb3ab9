"""Every provider that the sandbox stands in for, by the name it has in paths."""

from genko.sandbox import twilio
from genko.sandbox.stand_in import StandIn

STAND_INS: dict[str, StandIn] = {stand_in.key: stand_in for stand_in in (twilio.STAND_IN,)}
