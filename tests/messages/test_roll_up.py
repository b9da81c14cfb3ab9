"""The derived columns of a conversation have one writer."""

import ast

import sqlalchemy as sa

from genko.messages.models import Conversation
from tests import source

_HOME = "genko/messages/roll_up/"
_DEMO = "genko/demo/fill.py"  # begins a conversation in the past, which no verb does
_SET_BY_STAFF = {"id", "identity_id", "account_id", "priority", "ai_enabled", "assignee_id"}
_ALSO_ELSEWHERE = {
    "name",
    "status",
    "created_at",
    "changed_at",
}  # columns of these names are in other tables too
_STATEMENTS = {"update", "insert", "insert_all", "delete", "table"}


def _derived() -> set[str]:
    return set(sa.inspect(Conversation).columns.keys()) - _SET_BY_STAFF


def _is_conversation(owner: ast.expr) -> bool:
    return "conversation" in ast.unparse(owner).lower()


def _writes(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        shared = node.attr in _ALSO_ELSEWHERE
        return node.attr in _derived() and (not shared or _is_conversation(node.value))
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func).rpartition(".")[2]
        tables = {ast.unparse(argument) for argument in node.args}
        return called in _STATEMENTS and bool(tables & {"Conversation", "ConversationTally"})
    return False


def test_derived_columns_of_a_conversation_are_written_in_one_package() -> None:
    others = source.nodes(outside=(_HOME, _DEMO))
    assert [source.place(path, node) for path, node in others if _writes(node)] == []


def test_the_check_knows_the_ways_to_write_a_derived_column() -> None:
    written = (
        "conversation.name = 'Ana'",
        "found.waiting_since, other = None, 1",
        "lock(session, conversation_id).failed_count -= 1",
        "sa.update(Conversation).values(preview='')",
        "db.insert(session, ConversationTally)",
    )
    assert all(any(map(_writes, ast.walk(ast.parse(line)))) for line in written)
    assert not any(map(_writes, ast.walk(ast.parse("lead.name = conversation.name"))))
