"""Home: what needs a person now."""

import streamlit as st

from genko.channels.accounts import find_accounts
from genko.channels.models import Health
from genko.messages import inbox
from pages.parts import address, here, pulse
from pages.parts.plain import plain

visitor = here.me()
pulse.remember()

with here.database().reading() as session:
    waiting = inbox.count_waiting(session)
    accounts = find_accounts(session)

st.header(f"Good to see you, {plain(visitor.name.split()[0])}")
if waiting:
    words = "1 patient waits for an answer" if waiting == 1 else f"{waiting} patients wait for an answer"
    st.page_link(address.MESSAGES, label=words, icon=":material/schedule:", query_params={"order": "waiting"})
else:
    st.write("Nobody waits for an answer.")
for account in accounts:
    if account.health in {Health.BROKEN, Health.TROUBLED}:
        st.error(f"{plain(account.label)}: {account.last_error}", icon=":material/link_off:")
if not accounts:
    st.info("No account is connected yet. An administrator connects WhatsApp under Settings.")
