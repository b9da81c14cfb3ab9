"""What can go wrong in words that staff may read. No patient data goes into a sentence."""


class GenkoError(Exception):
    """An expected refusal; its text is one sentence for staff."""


class NotFound(GenkoError):
    """The thing named does not exist (any more)."""


class NotAllowed(GenkoError):
    """The role of the person acting does not permit it."""


class Refused(GenkoError):
    """A rule forbids it as things stand."""


class Taken(GenkoError):
    """Something of that name or address exists already."""
