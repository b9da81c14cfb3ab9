"""Home: what needs a person now, and how the clinic has done."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from genko.channels.base import Author
from genko.channels.models import ChannelAccount, Health
from genko.leads.models import Lead, LeadSource, LeadStage, LeadStageChange
from genko.messages import conversations, inbox
from genko.messages.inbox import InboxFilter, Order, Tab
from genko.messages.models import Answer, Conversation, ConversationStatus
from genko.messages.needs_attention import Need
from genko.people.attention import SHOWN, Attention, find_attention
from genko.people.figures import Figures, find_figures
from tests.factories import Clinic
from tests.steps import T0, Travel, event, receive

ZONE = ZoneInfo("Europe/Berlin")


def attention(clinic: Clinic, travel: Travel) -> Attention:
    with clinic.database.reading() as session:
        return find_attention(session, at=travel.now())


def figures(clinic: Clinic, first: date = date(2026, 3, 1), last: date = date(2026, 3, 7)) -> Figures:
    with clinic.database.reading() as session:
        return find_figures(session, first=first, last=last, zone=ZONE)


@pytest.fixture
def at_noon(travel: Travel, clinic: Clinic) -> Travel:
    clinic.connected_since(days=400)
    travel.stop(T0)
    return travel


def person(number: int) -> str:
    return f"whatsapp:+4915100000{number:02d}"


def test_the_longest_wait_comes_first_and_a_closing_window_is_named(clinic: Clinic, at_noon: Travel) -> None:
    receive(clinic, event("a", person=person(1), at=T0 - timedelta(hours=23), profile_name="Ana"))
    receive(clinic, event("b", person=person(2), at=T0 - timedelta(hours=3), profile_name="Ben"))
    receive(clinic, event("c", person=person(3), at=T0 - timedelta(hours=30), profile_name="Cleo"))
    found = attention(clinic, at_noon)
    assert found.waiting == 3
    assert [one.name for one in found.longest] == ["Cleo", "Ana", "Ben"]
    assert found.closes == 1
    assert [(one.name, one.at) for one in found.closing] == [("Ana", T0 + timedelta(hours=1))]


def test_of_many_closing_windows_the_most_urgent_are_named_and_all_are_counted(
    clinic: Clinic, at_noon: Travel
) -> None:
    hours = [timedelta(hours=23, minutes=number) for number in range(SHOWN + 2)]
    receive(
        clinic, *(event(f"m{place}", person=person(place), at=T0 - ago) for place, ago in enumerate(hours))
    )
    found = attention(clinic, at_noon)
    assert found.closes == SHOWN + 2
    assert [one.at - T0 for one in found.closing] == [timedelta(days=1) - ago for ago in hours[::-1][:SHOWN]]


def test_failed_messages_and_uncontacted_leads_are_counted(clinic: Clinic, at_noon: Travel) -> None:
    receive(clinic, event("a", person=person(1), at=T0 - timedelta(hours=25), profile_name="Ana"))
    receive(clinic, event("b", person=person(2), at=T0 - timedelta(hours=23), profile_name="Ben"))
    with clinic.database.transaction() as session:
        session.query(Conversation).filter_by(name="Ben").one().failed_count = 1
    found = attention(clinic, at_noon)
    assert (found.failed, [one.name for one in found.failures]) == (1, ["Ben"])
    assert found.uncontacted == 1


def test_an_account_that_is_not_verified_yet_says_so(clinic: Clinic, at_noon: Travel) -> None:
    with clinic.database.transaction() as session:
        session.get_one(ChannelAccount, clinic.account_id).health = Health.UNVERIFIED
    [trouble] = attention(clinic, at_noon).troubles
    assert trouble.sentence.startswith("Not verified yet.")


def listed(clinic: Clinic, at: datetime, **wanted: Any) -> tuple[list[str], int, int]:
    with clinic.database.reading() as session:
        page = inbox.find_page(session, InboxFilter(**wanted), by=clinic.maria, at=at)
    return [one.name for one in page.rows], page.active, page.closed


def test_the_counts_of_conversations_that_need_a_person_equal_the_list(
    clinic: Clinic, at_noon: Travel
) -> None:
    for place, (name, hours) in enumerate({"Ana": 23, "Ben": 22.5, "Cleo": 3, "Dan": 30}.items()):
        receive(clinic, event(name, person=person(place), at=T0 - timedelta(hours=hours), profile_name=name))
    with clinic.database.transaction() as session:
        for name in ("Cleo", "Dan"):
            session.query(Conversation).filter_by(name=name).one().failed_count = 1
        dan = session.query(Conversation.id).filter_by(name="Dan").scalar()
        conversations.set_status(session, dan, ConversationStatus.RESOLVED, by=clinic.maria)
    at = at_noon.now()
    assert listed(clinic, at, need=Need.CLOSING) == (["Ben", "Ana"], 2, 0)
    assert listed(clinic, at, need=Need.CLOSING, order=Order.WAITING) == (["Ana", "Ben"], 2, 0)
    assert listed(clinic, at, need=Need.CLOSING, search="ana") == (["Ana"], 1, 0)
    assert listed(clinic, at, need=Need.UNSENT) == (["Cleo"], 1, 1)
    assert listed(clinic, at, need=Need.UNSENT, tab=Tab.CLOSED) == (["Dan"], 1, 1)
    assert listed(clinic, at, need=Need.UNSENT, account_id=0) == ([], 0, 0)


def test_messages_are_counted_by_author_and_by_the_clinics_day(clinic: Clinic, at_noon: Travel) -> None:
    midnight = T0.replace(day=3, hour=23, minute=30)  # half past midnight of the fourth in Berlin
    receive(clinic, event("a", at=T0), event("b", at=midnight), event("c", at=midnight, outbound=True))
    days = {one.day.day: one.by_author for one in figures(clinic).days if one.by_author}
    assert days == {2: {Author.PATIENT: 1}, 4: {Author.PATIENT: 1, Author.OTHER_TOOL: 1}}


def test_time_to_first_reply_is_shown_as_the_median_and_the_ninetieth_percentile(
    clinic: Clinic, at_noon: Travel
) -> None:
    receive(clinic, event("a"))
    with clinic.database.transaction() as session:
        conversation = session.query(Conversation).one().id
        for minutes in (1, 2, 3, 4, 100):
            answered = T0 + timedelta(minutes=minutes)
            session.add(Answer(conversation_id=conversation, asked_at=T0, answered_at=answered))
    replies = figures(clinic).replies
    assert (replies.answers, replies.median) == (5, timedelta(minutes=3))
    assert replies.ninety
    assert timedelta(minutes=4) < replies.ninety < timedelta(minutes=100)
    assert figures(clinic, date(2026, 2, 1), date(2026, 2, 7)).replies.median is None


def test_the_funnel_counts_every_stage_that_a_lead_once_reached(clinic: Clinic, at_noon: Travel) -> None:
    with clinic.database.transaction() as session:
        for stage, source in (
            (LeadStage.LEAD, LeadSource.WEBSITE),
            (LeadStage.QUALIFIED, LeadSource.REFERRAL),
            (LeadStage.LOST, LeadSource.REFERRAL),
        ):
            session.add(
                Lead(
                    stage=stage,
                    source=source,
                    created_at=T0,
                    stage_changed_at=T0,
                    changed_at=T0,
                )
            )
        session.flush()
        lost = session.query(Lead).filter_by(stage=LeadStage.LOST).one()
        session.add(
            LeadStageChange(lead_id=lost.id, from_stage=LeadStage.PROSPECT, to_stage=LeadStage.LOST, at=T0)
        )
    found = figures(clinic)
    assert list(found.reached.values()) == [3, 2, 1, 0]
    assert found.lost == 1
    assert found.sources == {LeadSource.WEBSITE: 1, LeadSource.REFERRAL: 2}
