"""The state of a connected account: its health, when messages last came and went, and the deadline to verify it."""

import streamlit as st

from genko import clock
from genko.channels import registry
from genko.channels.accounts import Account
from genko.channels.models import Health
from pages.parts.kit import context
from pages.parts.kit.times import ago, days

_HEALTH = {
    Health.OK: ":green[● Connected]",
    Health.UNVERIFIED: ":orange[● Not verified yet]",
    Health.TROUBLED: ":orange[● Having trouble, trying again by itself]",
    Health.BROKEN: ":red[● Not working: needs you]",
}


def draw(account: Account) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(f"{account.label} — {registry.kind(account.channel).address_label(account.external_id)}")
        st.markdown(_HEALTH[account.health])
    _latest_messages(account)
    _latest_error(account)
    _deadline(account)


def _latest_messages(account: Account) -> None:
    now = clock.now()
    parts = [
        f"Last in: {ago(account.last_in_at, now)} ago" if account.last_in_at else "Nothing in yet",
        f"Last out: {ago(account.last_out_at, now)} ago" if account.last_out_at else "Nothing out yet",
    ]
    st.caption(" · ".join(parts))


def _latest_error(account: Account) -> None:
    when = f" ({ago(account.last_error_at, clock.now())} ago)" if account.last_error_at else ""
    if account.health is not Health.OK:
        st.warning(f"{account.last_error}{when}", icon=":material/link_off:")
    elif account.send_error:
        st.warning(f"Cannot send: {account.send_error}{when}", icon=":material/link_off:")
    elif account.last_error:
        st.caption(f"Last error{when}: {account.last_error}")


def _deadline(account: Account) -> None:
    """Counts the days down until the connection is verified. Once they are over, the sentence is red."""
    if account.deadline is None or account.health is not Health.UNVERIFIED:
        return
    days_left = (account.deadline - clock.now().astimezone(context.zone()).date()).days
    if days_left < 0:
        st.error(
            f"The activation deadline passed {days(-days_left)} ago and the connection is not verified. Use Test connection."
        )
    else:
        st.info(f"{days(days_left)} left to verify the connection (until {account.deadline:%Y-%m-%d}).")
