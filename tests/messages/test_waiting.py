"""Who waits for an answer, and which authors' messages end a wait."""

import ast
from datetime import timedelta

import pytest

from genko.channels.base import Author, Delivery
from genko.leads.models import Lead
from genko.messages.models import Answer, Conversation, ConversationStatus
from tests import source
from tests.factories import Clinic
from tests.steps import T0, Travel, assert_consistent, event, everything, receive

_HOME = "genko/messages/waiting.py"


def _outbound(author: Author, *, minutes: float = 1, delivery: Delivery = Delivery.SENT):
    at = T0 + timedelta(minutes=minutes)
    return event(f"out {minutes}", at=at, outbound=True, outbound_author=author, delivery=delivery)


def _state(clinic: Clinic) -> tuple[object, int, object]:
    """Since when somebody waits, the number of waits that ended, and when the lead was contacted."""
    [conversation] = everything(clinic.database, Conversation)
    [lead] = everything(clinic.database, Lead)
    assert_consistent(clinic.database)
    return conversation.waiting_since, len(everything(clinic.database, Answer)), lead.contacted_at


@pytest.mark.parametrize("author", [Author.OTHER_TOOL, Author.PROVIDER_APP])
@pytest.mark.parametrize("in_one_batch", [True, False])
def test_a_reply_that_a_person_wrote_elsewhere_ends_the_wait_and_is_a_contact(
    clinic: Clinic, author: Author, in_one_batch: bool
) -> None:
    batches = [[event("in"), _outbound(author)]] if in_one_batch else [[event("in")], [_outbound(author)]]
    for batch in batches:
        receive(clinic, *batch)
    assert _state(clinic) == (None, 1, T0 + timedelta(minutes=1))


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_an_automatic_reply_ends_no_wait_and_is_no_contact(clinic: Clinic, in_one_batch: bool) -> None:
    reply = _outbound(Author.AUTOMATIC)
    for batch in [[event("in"), reply]] if in_one_batch else [[event("in")], [reply]]:
        receive(clinic, *batch)
    assert _state(clinic) == (T0, 0, None)


def test_a_reply_from_another_tool_that_failed_ends_no_wait(clinic: Clinic) -> None:
    receive(clinic, event("in"), _outbound(Author.OTHER_TOOL, delivery=Delivery.FAILED))
    assert _state(clinic) == (T0, 0, None)


def test_history_with_an_automatic_reply_leaves_a_waiting_conversation_open(
    clinic: Clinic, travel: Travel
) -> None:
    travel.stop(T0 + timedelta(minutes=5))
    receive(clinic, event("in"))
    receive(clinic, _outbound(Author.AUTOMATIC), live=False)
    [conversation] = everything(clinic.database, Conversation)
    assert (conversation.status, conversation.waiting_since) == (ConversationStatus.ACTIVE, T0)


def _names_an_author_of_ours(node: ast.AST) -> bool:
    return any(
        isinstance(part, ast.Attribute) and ast.unparse(part.value) == "Author" and part.attr != "PATIENT"
        for part in ast.walk(node)
    )


def _decides(node: ast.AST) -> bool:
    """Tells outbound authors apart, or keeps that a wait has ended."""
    if isinstance(node, ast.Compare | ast.Set | ast.List | ast.Tuple):
        return _names_an_author_of_ours(node)
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func).rpartition(".")[2]
        on_answers = any(ast.unparse(argument) == "Answer" for argument in node.args)
        writes = called == "Answer" or (called in {"insert", "update", "delete"} and on_answers)
        return writes or (called in {"in_", "not_in"} and _names_an_author_of_ours(node))
    return False


def test_one_module_decides_which_messages_end_a_wait() -> None:
    services = [
        (path, node)
        for path, node in source.nodes(outside=_HOME)
        if path.startswith(("genko/", "scheduler/"))
    ]
    assert [source.place(path, node) for path, node in services if _decides(node)] == []


def test_the_roll_up_takes_every_wait_from_that_module() -> None:
    values = [
        ast.unparse(node.value)
        for path, tree in source.modules().items()
        if path.startswith("genko/messages/roll_up/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any("waiting_since" in ast.unparse(to) for to in node.targets)
    ]
    assert values
    assert [value for value in values if value != "None" and not value.startswith("waiting.")] == []
