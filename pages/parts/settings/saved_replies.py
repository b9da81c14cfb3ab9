"""Settings > Saved replies: texts that staff insert in the composer."""

import streamlit as st

from genko.messages import saved_replies
from genko.messages.saved_replies import Reply
from pages.parts.kit import context
from pages.parts.kit.actions import act, show_problem
from pages.parts.streamlit.markdown import plain


def draw() -> None:
    st.caption(f"Offered in the composer under ⚡. {' and '.join(saved_replies.VARIABLES)} are filled in.")
    with context.database().reading() as session:
        replies = saved_replies.find_replies(session)
    for reply in replies:
        with st.expander(plain(reply.title)):
            _form(reply)
    with st.expander("Add a saved reply", expanded=not replies):
        _form(None)


def _form(reply: Reply | None) -> None:
    name, reply_id = str(reply.id) if reply else "new", reply.id if reply else None
    with st.form(f"reply-{name}", border=False):
        st.text_input("Title", value=reply.title if reply else "", max_chars=80, key=f"reply-title-{name}")
        st.text_area("Text", value=reply.text if reply else "", max_chars=1600, key=f"reply-text-{name}")
        row = st.container(horizontal=True)
        row.form_submit_button("Save", type="primary", on_click=_save, args=(name, reply_id))
        if reply:
            row.form_submit_button("Delete", on_click=_delete, args=(reply.id,))
    show_problem(f"reply-{name}")


def _save(name: str, reply_id: int | None) -> None:
    title, text = st.session_state[f"reply-title-{name}"], st.session_state[f"reply-text-{name}"]
    act(
        lambda session, by: saved_replies.save(session, title, text, by=by, reply_id=reply_id),
        at=f"reply-{name}",
        done="Saved.",
        clear=[f"reply-title-{name}", f"reply-text-{name}"] if reply_id is None else [],
    )


def _delete(reply_id: int) -> None:
    act(
        lambda session, by: saved_replies.remove(session, reply_id, by=by),
        at=f"reply-{reply_id}",
        done="Deleted.",
    )
