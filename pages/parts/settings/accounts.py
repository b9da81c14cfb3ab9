"""Settings > Messaging: our accounts on each channel."""

import streamlit as st

from genko.channels import accounts, registry
from genko.channels.accounts import Account
from genko.channels.channel import Channel
from genko.channels.models import Health
from genko.db import DatabaseDown
from genko.errors import GenkoError
from pages.parts.kit import context
from pages.parts.kit.actions import act, show_problem
from pages.parts.settings import account_form, account_history, account_state

_UPDATE_EVERY_S = 2


def draw() -> None:
    for key, kind in registry.CHANNELS.items():
        st.subheader(f"{kind.provider} · {kind.label}")
        with context.database().reading() as session:
            connected = [account for account in accounts.find_accounts(session) if account.channel == key]
        for account in connected:
            with st.container(border=True, key=f"account-{account.id}"):
                _account(kind, account)
        with st.expander(
            "Connect another account" if connected else "Connect an account", expanded=not connected
        ):
            account_form.draw(kind, None)


def _account(kind: type[Channel], account: Account) -> None:
    _state_and_history(account.id)
    with st.expander("Change"):
        account_form.draw(kind, account)
        _disconnect_menu(account)


@st.fragment(run_every=_UPDATE_EVERY_S)
def _state_and_history(account_id: int) -> None:
    """Drawn again on a timer: the worker changes both."""
    account = _read(account_id)
    if account is not None:
        account_state.draw(account)
    show_problem(_place(account_id))
    if account is not None and account.health is not Health.UNVERIFIED:
        account_history.draw(account, _place(account_id))


def _read(account_id: int) -> Account | None:
    try:
        with context.database().reading() as session:
            return accounts.get_account(session, account_id)
    except (GenkoError, *DatabaseDown):
        return None


def _place(account_id: int) -> str:
    """Where the screen shows what was refused for this account."""
    return f"account-{account_id}"


def _disconnect_menu(account: Account) -> None:
    with st.popover("Disconnect this account", icon=":material/link_off:"):
        st.write("Messages stop coming in and going out. Its conversations stay readable.")
        st.button("Disconnect", key=f"remove-{account.id}", on_click=_disconnect, args=(account.id,))


def _disconnect(account_id: int) -> None:
    act(
        lambda session, by: accounts.remove(session, account_id, by=by),
        at=_place(account_id),
        done="Disconnected.",
    )
