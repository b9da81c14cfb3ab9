"""What happens to messages after they were written shows in the open thread."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from genko import clock
from genko.channels.events import Edit, Reaction, Unsend
from genko.messages.take_in import take_in
from tests.pages.conftest import Running, Windows, sqlite_only
from tests.pages.screen import bubble
from tests.steps import PERSON, event, receive

pytestmark = [pytest.mark.browser, sqlite_only]


def test_an_edit_an_unsent_message_and_a_reaction_show_plainly(genko: Running, windows: Windows) -> None:
    now = clock.now()
    receive(genko.clinic, event("m1", "My left knee", at=now), event("m2", "My secret", at=now))
    page = windows.inbox()
    page.goto(f"{genko.base_url}/admin/messages?c={genko.clinic.conversation_id()}")
    expect(bubble(page, "My left knee")).to_be_visible()
    later = now + timedelta(seconds=5)
    changes = [Edit("m1", later, "My right knee"), Reaction("m1", later, "❤", PERSON), Unsend("m2", later)]
    take_in(genko.clinic.database, genko.clinic.account_id, changes)
    edited = bubble(page, "My right knee")
    expect(edited.locator(".edited")).to_have_text("Edited")
    expect(edited.locator(".reactions")).to_have_text("❤")
    expect(bubble(page, "This message was unsent.")).to_be_visible()
    expect(page.get_by_text("My secret")).to_have_count(0)
