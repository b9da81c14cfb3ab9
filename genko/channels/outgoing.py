"""What we hand to a provider: one message made of parts."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TextPart:
    body: str


@dataclass(frozen=True)
class FilePart:
    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class TemplatePart:
    """A text that the provider approved beforehand. `values` fill its placeholders, in their order."""

    template_id: str
    values: tuple[str, ...] = ()


Part = TextPart | FilePart | TemplatePart


@dataclass(frozen=True)
class Outgoing:
    """One message. The same message always has the same `idempotency_key`.

    `tag` is the provider's word for a message that is allowed after the reply window, such as one by a human agent.
    """

    to: str
    parts: tuple[Part, ...]
    idempotency_key: str
    tag: str = ""

    @property
    def text(self) -> str:
        """The words of the message, without its files and templates."""
        return "\n".join(part.body for part in self.parts if isinstance(part, TextPart))
