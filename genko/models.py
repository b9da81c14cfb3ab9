"""All tables, for the migrations to compare with."""

from genko import worker_leases
from genko.access import models as access
from genko.channels import models as channels
from genko.db import Base
from genko.leads import models as leads
from genko.messages import change_models as message_changes
from genko.messages import models as messages
from genko.patients import models as patients
from genko.people import models as people

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "access",
    "channels",
    "leads",
    "message_changes",
    "messages",
    "patients",
    "people",
    "worker_leases",
]
