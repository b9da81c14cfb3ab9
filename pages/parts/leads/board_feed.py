"""What the board draws, for the page's script and for the route by which the board keeps up to date."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from genko.access.clinic import get_clinic
from genko.db import Session
from genko.leads import board
from genko.leads.board import Card, Column
from genko.leads.filters import LeadFilter
from genko.leads.models import LeadStage
from genko.messages import lead_conversations
from pages.parts.kit.times import exact
from pages.parts.leads import lead_address

MOST_SHOWN = 500  # cards of a column
_PATH = "/admin/api/board"


def address(wanted: LeadFilter, shown: Mapping[LeadStage, int]) -> str:
    return lead_address.address(_PATH, wanted, **{f"shown_{stage}": count for stage, count in shown.items()})


def shown_of(query: Mapping[str, str]) -> dict[LeadStage, int]:
    asked = {stage: lead_address.number(query, f"shown_{stage}") for stage in LeadStage}
    return {stage: min(count, MOST_SHOWN) for stage, count in asked.items() if count}


def read_board(
    session: Session, wanted: LeadFilter, *, shown: Mapping[LeadStage, int], at: datetime
) -> dict[str, Any]:
    found = board.find_board(session, wanted, at=at, shown=shown)
    lead_ids = [card.id for column in found.columns for card in column.cards]
    talking = lead_conversations.find_talking(session, lead_ids)
    zone = ZoneInfo(get_clinic(session).time_zone)
    return {"columns": [_column(column, talking, zone) for column in found.columns]}


def _column(column: Column, talking: Mapping[int, str], zone: ZoneInfo) -> dict[str, Any]:
    card_count = len(column.cards)
    rest = column.count - card_count
    return {
        "stage": column.stage.value,
        "label": column.stage.capitalize(),
        "count": column.count,
        "left_out": column.left_out,
        "more": rest > 0 and card_count < MOST_SHOWN and not column.left_out,
        "cut": rest > 0 and card_count >= MOST_SHOWN,
        "cards": [_card(card, zone, talking.get(card.id)) for card in column.cards],
    }


def _card(card: Card, zone: ZoneInfo, chat: str | None) -> dict[str, Any]:
    """`chat` is how the lead's conversation is called: their name on the channel where they gave none."""
    return {
        "id": card.id,
        "title": card.name or card.phone or chat or "No name",
        "phone": card.phone if card.name else "",  # without a name the phone is the title
        "source": card.source.value,
        "source_label": card.source.label,
        "tags": list(card.tags),
        "created_at": card.created_at.isoformat(),
        "created": exact(card.created_at, zone),
        "uncontacted": card.uncontacted,
        "new": card.new,
        "talks": chat is not None,
        "reason": card.lost_reason,
    }
