"""Settings > Messaging: our accounts on each channel, how they are, and the form that connects one."""

from datetime import date

import streamlit as st

from genko import clock
from genko.channels import accounts, registry, test_connection
from genko.channels.accounts import Account
from genko.channels.base import ChannelError, CredentialField
from genko.channels.channel import Channel
from genko.channels.models import Health, HistoryImport
from genko.db import DatabaseDown, staff_sentence
from genko.errors import GenkoError
from genko.messages import fetch
from pages.parts.kit import context
from pages.parts.kit.actions import act, forget_problem, note_problem, say_done, show_problem
from pages.parts.kit.times import ago, days

_HEALTH = {
    Health.OK: ":green[● Connected]",
    Health.UNVERIFIED: ":orange[● Not verified yet]",
    Health.TROUBLED: ":orange[● Having trouble, trying again by itself]",
    Health.BROKEN: ":red[● Not working: needs you]",
}
_USUAL_DAYS = 30
_ROUND = "account_form_round"
_ALL_HERE = "Everything from this period is here already."


def draw() -> None:
    for key, kind in registry.CHANNELS.items():
        st.subheader(f"{kind.provider} · {kind.label}")
        with context.database().reading() as session:
            connected = [one for one in accounts.find_accounts(session) if one.channel == key]
        for account in connected:
            with st.container(border=True, key=f"account-{account.id}"):
                _account(kind, account)
        with st.expander(
            "Connect another account" if connected else "Connect an account", expanded=not connected
        ):
            _form(kind, None)


def _account(kind: type[Channel], account: Account) -> None:
    _live(account.id)
    with st.expander("Change"):
        _form(kind, account)
        _remove(account)


@st.fragment(run_every=2)
def _live(account_id: int) -> None:
    account = _now(account_id)
    if account is not None:
        _state(account)
    show_problem(_place(account_id))
    if account is not None and account.health is not Health.UNVERIFIED:
        _history(account)


def _state(account: Account) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(f"{account.label} — {registry.kind(account.channel).address_label(account.external_id)}")
        st.markdown(_HEALTH[account.health])
    _health_line(account)
    _deadline(account)


def _health_line(account: Account) -> None:
    now = clock.now()
    parts = [
        f"Last in: {ago(account.last_in_at, now)} ago" if account.last_in_at else "Nothing in yet",
        f"Last out: {ago(account.last_out_at, now)} ago" if account.last_out_at else "Nothing out yet",
    ]
    st.caption(" · ".join(parts))
    when = f" ({ago(account.last_error_at, now)} ago)" if account.last_error_at else ""
    if account.health is not Health.OK:
        st.warning(f"{account.last_error}{when}", icon=":material/link_off:")
    elif account.send_error:
        st.warning(f"Cannot send: {account.send_error}{when}", icon=":material/link_off:")
    elif account.last_error:
        st.caption(f"Last error{when}: {account.last_error}")


def _now(account_id: int) -> Account | None:
    try:
        with context.database().reading() as session:
            return accounts.get_account(session, account_id)
    except (GenkoError, *DatabaseDown):
        return None


def _deadline(account: Account) -> None:
    """Counted down until the connection has been verified, red after it."""
    if account.deadline is None or account.health is not Health.UNVERIFIED:
        return
    left = (account.deadline - clock.now().astimezone(context.zone()).date()).days
    words = days(abs(left))
    if left < 0:
        st.error(
            f"The activation deadline passed {words} ago and the connection is not verified. Use Test connection."
        )
    else:
        st.info(f"{words} left to verify the connection (until {account.deadline:%Y-%m-%d}).")


def _history(account: Account) -> None:
    """The import of what was written before the connection; the worker does it, day by day."""
    # A container for each state: what belongs to the last one goes at once, not when the run has ended.
    with st.container(key=f"history-{account.history}-{account.id}"):
        if account.history is HistoryImport.RUNNING:
            _running(account)
        else:
            _offer_history(account)


def _running(account: Account) -> None:
    st.progress(_progress(account), text=f"Importing the history: {account.history_done:,} messages so far")
    st.button("Stop", key=f"stop-{account.id}", on_click=_stop, args=(account.id,))


def _offer_history(account: Account) -> None:
    done, label = account.history_done, "Import the history"
    words = "Import what was written before the connection? Nothing is sent, and old conversations come in closed."
    if account.history is HistoryImport.STOPPED:
        label = "Go on"
        words = f"The import was stopped after {done:,} messages. It goes on where it stopped."
    elif account.history is HistoryImport.DONE:
        label, words = "Import more", f"History imported: {done:,} messages." if done else _ALL_HERE
    st.caption(words)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Days", 1, fetch.LONGEST_HISTORY_DAYS, _days(account), key=f"days-{account.id}", width=140
        )
        st.button(label, key=f"import-{account.id}", on_click=_start, args=(account.id,))


def _place(account_id: int) -> str:
    return f"account-{account_id}"


def _days(account: Account) -> int:
    """As chosen before, where an import was stopped; a finished one can only go further back."""
    if account.history_since is None:
        return _USUAL_DAYS
    chosen = (account.created_at - account.history_since).days
    more = _USUAL_DAYS if account.history is HistoryImport.DONE else 0
    return min(max(1, chosen) + more, fetch.LONGEST_HISTORY_DAYS)


def _progress(account: Account) -> float:
    if not account.history_since or not account.history_next:
        return 0.0
    whole = (account.created_at - account.history_since).total_seconds()
    return min(1.0, max(0.0, (account.created_at - account.history_next).total_seconds() / whole))


def _start(account_id: int) -> None:
    days = int(st.session_state[f"days-{account_id}"])
    act(lambda session, by: fetch.start_history(session, account_id, days, by=by), at=_place(account_id))


def _stop(account_id: int) -> None:
    act(lambda session, by: fetch.stop_history(session, account_id, by=by), at=_place(account_id))


def _form(kind: type[Channel], account: Account | None) -> None:
    # A new round makes new, empty fields: a token that has been saved must not stay in the page.
    name = f"{account.id if account else 'new'}-{st.session_state.get(_ROUND, 0)}"
    with st.form(f"account-form-{kind.key}-{name}", border=False):
        values = {field.name: _input(field, account, name) for field in kind.fields}
        label = st.text_input(
            "Label", value=account.label if account else "", placeholder="Front desk", key=f"label-{name}"
        )
        row = st.container(horizontal=True, vertical_alignment="bottom")
        deadline = row.date_input(
            "Activation deadline (optional)",
            value=account.deadline if account else None,
            key=f"deadline-{name}",
            format="DD/MM/YYYY",
        )
        colour = row.color_picker(
            "Tag colour", value=account.colour if account else "#0f766e", key=f"colour-{name}"
        )
        buttons = st.container(horizontal=True)
        save = buttons.form_submit_button("Save", type="primary")
        test = buttons.form_submit_button("Test connection")
    place = f"account-form-{kind.key}-{name}"
    if save or test:
        forget_problem()
        done, problem = _submit(kind, values, label, deadline, colour, only_test=test)
        if problem:
            note_problem(place, problem)
        elif test:
            st.toast(done, icon=":material/check:")
        else:
            _close(done)
    show_problem(place)


def _input(field: CredentialField, account: Account | None, form: str) -> str:
    stored = account.fields.get(field.name, "") if account else ""
    return st.text_input(
        field.label,
        value="" if field.secret else stored,
        type="password" if field.secret else "default",
        placeholder="Stored and sealed. Type a new one to replace it."
        if field.secret and account
        else field.placeholder,
        help=field.help,
        key=f"{field.name}-{form}",
        autocomplete="off",
        disabled=field.address and account is not None,
    )


def _submit(
    kind: type[Channel],
    values: dict[str, str],
    label: str,
    deadline: date | None,
    colour: str,
    *,
    only_test: bool,
) -> tuple[str, str]:
    """What was done, or why it was not."""
    to = context.database(), context.connector(), kind.key, values
    by = context.me().staff_id
    try:
        with st.spinner("Asking the provider…"):
            if only_test:
                test_connection.test(*to, by=by)
                return kind.connection_works, ""
            against = test_connection.connect(*to, by=by, label=label, deadline=deadline, colour=colour)
    except ChannelError as error:
        return "", _at_fault(kind, error)
    except GenkoError as error:
        return "", str(error)
    except DatabaseDown as error:
        return "", staff_sentence(error)
    if against:
        return f"Saved, but not verified yet. {_at_fault(kind, against)}", ""
    return "Connected. New messages come in by themselves.", ""


def _at_fault(kind: type[Channel], error: ChannelError) -> str:
    field = next((f"{field.label}: " for field in kind.fields if field.name == error.field), "")
    return f"{field}{error.reason}"


def _close(done: str) -> None:
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    say_done(done)
    st.rerun()


def _remove(account: Account) -> None:
    with st.popover("Disconnect this account", icon=":material/link_off:"):
        st.write("Messages stop coming in and going out. Its conversations stay readable.")
        st.button("Disconnect", key=f"remove-{account.id}", on_click=_removed, args=(account.id,))


def _removed(account_id: int) -> None:
    act(
        lambda session, by: accounts.remove(session, account_id, by=by),
        at=_place(account_id),
        done="Disconnected.",
    )
