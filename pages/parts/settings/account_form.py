"""The form that connects an account of ours to a channel, or changes a connected one."""

from dataclasses import dataclass
from datetime import date

import streamlit as st

from genko.channels import test_connection
from genko.channels.accounts import Account
from genko.channels.base import ChannelError, CredentialField
from genko.channels.channel import Channel
from genko.db import DatabaseDown, staff_sentence
from genko.errors import GenkoError
from pages.parts.kit import context
from pages.parts.kit.actions import forget_problem, note_problem, say_done, show_problem

_SAVE_COUNT = "account-form-saves"  # the key in the session state
_USUAL_COLOUR = "#0f766e"


@dataclass(frozen=True)
class _Filled:
    credentials: dict[str, str]  # by the field's name
    label: str
    deadline: date | None
    colour: str


def draw(kind: type[Channel], account: Account | None) -> None:
    # After each save the fields get new keys and are empty: a token that has been saved must not stay in the page.
    form = f"{kind.key}-{account.id if account else 'new'}-{st.session_state.get(_SAVE_COUNT, 0)}"
    place = f"account-form-{form}"
    with st.form(place, border=False):
        filled = _fields(kind, account, form)
        buttons = st.container(horizontal=True)
        save = buttons.form_submit_button("Save", type="primary")
        test = buttons.form_submit_button("Test connection")
    if save or test:
        forget_problem()
        done, problem = _test(kind, filled) if test else _connect(kind, filled)
        if problem:
            note_problem(place, problem)
        elif test:
            st.toast(done, icon=":material/check:")
        else:
            _empty_form(done)
    show_problem(place)


def _fields(kind: type[Channel], account: Account | None, form: str) -> _Filled:
    credentials = {field.name: _credential(field, account, form) for field in kind.fields}
    label = st.text_input(
        "Label", value=account.label if account else "", placeholder="Front desk", key=f"label-{form}"
    )
    row = st.container(horizontal=True, vertical_alignment="bottom")
    deadline = row.date_input(
        "Activation deadline (optional)",
        value=account.deadline if account else None,
        key=f"deadline-{form}",
        format="DD/MM/YYYY",
    )
    colour = row.color_picker(
        "Tag colour", value=account.colour if account else _USUAL_COLOUR, key=f"colour-{form}"
    )
    return _Filled(credentials, label, deadline, colour)


def _credential(field: CredentialField, account: Account | None, form: str) -> str:
    """A stored secret is never sent to the browser. The address of a connected account cannot be changed."""
    stored = account.fields.get(field.name, "") if account else ""
    sealed = field.secret and account is not None
    return st.text_input(
        field.label,
        value="" if field.secret else stored,
        type="password" if field.secret else "default",
        placeholder="Stored and sealed. Type a new one to replace it." if sealed else field.placeholder,
        help=field.help,
        key=f"{field.name}-{form}",
        autocomplete="off",
        disabled=field.address and account is not None,
    )


def _test(kind: type[Channel], filled: _Filled) -> tuple[str, str]:
    """What was found out, or the problem."""
    try:
        with st.spinner("Asking the provider…"):
            test_connection.test(
                context.database(),
                context.connector(),
                kind.key,
                filled.credentials,
                by=context.me().staff_id,
            )
    except (ChannelError, GenkoError, *DatabaseDown) as error:
        return "", _problem(kind, error)
    return kind.connection_works, ""


def _connect(kind: type[Channel], filled: _Filled) -> tuple[str, str]:
    """What was done, or the problem. An account whose provider does not answer is saved, but not verified."""
    try:
        with st.spinner("Asking the provider…"):
            trouble = test_connection.connect(
                context.database(),
                context.connector(),
                kind.key,
                filled.credentials,
                by=context.me().staff_id,
                label=filled.label,
                deadline=filled.deadline,
                colour=filled.colour,
            )
    except (ChannelError, GenkoError, *DatabaseDown) as error:
        return "", _problem(kind, error)
    if trouble:
        return f"Saved, but not verified yet. {_problem(kind, trouble)}", ""
    return "Connected. New messages come in by themselves.", ""


def _problem(kind: type[Channel], error: Exception) -> str:
    """The sentence, with the label of the field at fault before it."""
    if isinstance(error, DatabaseDown):
        return staff_sentence(error)
    if not isinstance(error, ChannelError):
        return str(error)
    labels = {field.name: f"{field.label}: " for field in kind.fields}
    return labels.get(error.field, "") + error.reason


def _empty_form(done: str) -> None:
    st.session_state[_SAVE_COUNT] = st.session_state.get(_SAVE_COUNT, 0) + 1
    say_done(done)
    st.rerun()
