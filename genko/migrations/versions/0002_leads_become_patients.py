"""Leads become patients"""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
from sqlalchemy.orm import Session

from genko import search, text
from genko.db import BigId, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_tables()
    op.create_index("ix_message_day", "message", ["at", "author"])
    failed = sa.text("failed_count > 0")
    op.create_index(
        "ix_conversation_failed",
        "conversation",
        [sa.text("last_message_at DESC"), sa.text("id DESC")],
        sqlite_where=failed,
        postgresql_where=failed,
    )
    op.add_column(
        "identity", sa.Column("not_a_lead", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _extend_patients()
    _extend_leads()
    _make_searches()


def _make_tables() -> None:
    stage = sa.Enum(
        "lead", "prospect", "qualified", "converted", "lost", name="leadstage", native_enum=False, length=20
    )
    op.create_table(
        "common_tag",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
    )
    op.create_table(
        "merge",
        sa.Column("id", BigId, primary_key=True),
        sa.Column(
            "kind",
            sa.Enum("leads", "lead_into_patient", "patients", name="mergekind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("gone_id", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.JSON(), nullable=False),
        sa.Column("kept_before", sa.JSON(), nullable=False),
        sa.Column("kept_after", sa.JSON(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("staff_id", BigId, sa.ForeignKey("staff_member.id"), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", BigId, sa.ForeignKey("staff_member.id"), nullable=True),
    )
    op.create_index(op.f("ix_merge_kind_kept_id"), "merge", ["kind", "kept_id"])
    op.create_table(
        "lead_stage_change",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("lead_id", BigId, sa.ForeignKey("lead.id", ondelete="CASCADE"), nullable=False),
        sa.Column("from_stage", stage, nullable=False),
        sa.Column("to_stage", stage, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("staff_id", BigId, sa.ForeignKey("staff_member.id"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_index(op.f("ix_lead_stage_change_at"), "lead_stage_change", ["at"])
    op.create_index(op.f("ix_lead_stage_change_lead_id"), "lead_stage_change", ["lead_id"])
    for table, owner in (("lead_tag", "lead"), ("patient_tag", "patient")):
        op.create_table(
            table,
            sa.Column(
                f"{owner}_id", BigId, sa.ForeignKey(f"{owner}.id", ondelete="CASCADE"), primary_key=True
            ),
            sa.Column("name", sa.Text(), primary_key=True),
        )
        op.create_index(op.f(f"ix_{table}_name"), table, ["name"])
    op.create_table(
        "answer",
        sa.Column("id", BigId, primary_key=True),
        sa.Column("conversation_id", BigId, sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=False),
        sa.Column("staff_id", BigId, sa.ForeignKey("staff_member.id"), nullable=True),
    )
    op.create_index(op.f("ix_answer_answered_at"), "answer", ["answered_at"])


def _extend_patients() -> None:
    op.add_column("patient", sa.Column("first_appointment_at", UtcDateTime(), nullable=True))
    op.add_column(
        "patient", sa.Column("first_appointment_note", sa.Text(), nullable=False, server_default="")
    )
    op.add_column("patient", sa.Column("changed_at", UtcDateTime(), nullable=True))
    op.add_column("patient", sa.Column("sort_name", sa.Text(), nullable=True))
    op.execute("UPDATE patient SET changed_at = created_at")
    _name("patient")
    with _anew("patient") as patient:
        patient.alter_column("first_appointment_note", server_default=None)
        patient.alter_column("changed_at", nullable=False)
        patient.alter_column("sort_name", nullable=False)
        patient.create_index(op.f("ix_patient_email"), ["email"])
        patient.create_index("ix_patient_name", ["sort_name", "id"])


def _extend_leads() -> None:
    for column in ("stage_changed_at", "uncontacted_since", "changed_at", "converted_at", "accepted_at"):
        op.add_column("lead", sa.Column(column, UtcDateTime(), nullable=True))
    op.add_column("lead", sa.Column("lost_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("lead", sa.Column("patient_id", BigId, nullable=True))
    op.add_column("lead", sa.Column("converted_by", BigId, nullable=True))
    op.add_column("lead", sa.Column("sort_name", sa.Text(), nullable=True))
    op.execute(
        "UPDATE lead SET stage_changed_at = created_at, changed_at = created_at, uncontacted_since = coalesce("
        "(SELECT max(message.arrived_at) FROM message JOIN conversation ON conversation.id = message.conversation_id"
        " JOIN identity ON identity.id = conversation.identity_id"
        " WHERE identity.lead_id = lead.id AND message.author = 'staff'), created_at)"
    )
    _name("lead")
    with _anew("lead") as lead:
        lead.alter_column("lost_reason", server_default=None)
        for column in ("stage_changed_at", "uncontacted_since", "changed_at", "sort_name"):
            lead.alter_column(column, nullable=False)
        lead.create_foreign_key(op.f("fk_lead_patient_id_patient"), "patient", ["patient_id"], ["id"])
        lead.create_foreign_key(
            op.f("fk_lead_converted_by_staff_member"), "staff_member", ["converted_by"], ["id"]
        )
        for column in ("changed_at", "created_at", "email", "patient_id", "uncontacted_since"):
            lead.create_index(op.f(f"ix_lead_{column}"), [column])
        lead.create_index("ix_lead_name", ["sort_name", "id"])
    op.create_index("ix_lead_board", "lead", ["stage", sa.text("stage_changed_at DESC"), sa.text("id DESC")])


def _anew(table: str) -> AbstractContextManager[BatchOperations]:
    """SQLite copies the table into a new one whose ids are never used again."""
    return op.batch_alter_table(table, recreate="auto", table_kwargs={"sqlite_autoincrement": True})


def _name(table: str) -> None:
    people = op.get_bind().execute(sa.text(f"SELECT id, first_name, last_name FROM {table}")).all()
    rows = [{"id": number, "sort_name": text.sort_name(first, last)} for number, first, last in people]
    if rows:
        op.get_bind().execute(sa.text(f"UPDATE {table} SET sort_name = :sort_name WHERE id = :id"), rows)


def _make_searches() -> None:
    """People's words, as the program spells them now; a search index holds nothing that cannot be made again."""
    session = Session(op.get_bind())
    for owner in ("lead", "patient"):
        if search.is_sqlite(session):
            op.execute(f"CREATE VIRTUAL TABLE {owner}_search USING fts5(words, prefix='1 2 3')")
        else:
            op.execute(
                f"CREATE TABLE {owner}_search ({owner}_id BIGINT PRIMARY KEY REFERENCES {owner} (id)"
                " ON DELETE CASCADE, words TSVECTOR NOT NULL)"
            )
            op.execute(f"CREATE INDEX ix_{owner}_search_words ON {owner}_search USING gin (words)")
        found = session.execute(sa.text(f"SELECT id, first_name, last_name, phone, email FROM {owner}"))
        rows = [
            (one.id, search.person_words(f"{one.first_name} {one.last_name}", one.phone, one.email))
            for one in found
        ]
        search.Index(f"{owner}_search", f"{owner}_id").add(session, rows)
    op.execute("DELETE FROM conversation_search")
    found = session.execute(
        sa.text(
            "SELECT conversation.id, conversation.name, identity.phone FROM conversation"
            " JOIN identity ON identity.id = conversation.identity_id"
        )
    )
    rows = [(one.id, search.person_words(one.name, one.phone)) for one in found]
    search.Index("conversation_search", "conversation_id").add(session, rows)
    session.flush()
