"""The leads' board in a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from genko import clock
from genko.leads.models import LeadStage
from tests.leads.people import add_lead, changes, convert, lead, move
from tests.pages.conftest import Running, Windows, sqlite_only, wait_until
from tests.people.records import talking

pytestmark = [pytest.mark.browser, sqlite_only]


@pytest.fixture
def leads(windows: Windows, genko: Running) -> Callable[..., Page]:
    def opened(staff_id: int | None = None, **more: object) -> Page:
        page = windows.sign_in(staff_id or genko.clinic.maria, "/admin/leads?view=board", **more)
        page.locator(".st-key-lead-board .root.ready").wait_for(state="attached")
        return page

    return opened


def column(page: Page, stage: str) -> Locator:
    return page.locator(f'.st-key-lead-board .column[data-stage="{stage}"]')


def card(page: Page, name: str, stage: str | None = None) -> Locator:
    within = column(page, stage) if stage else page.locator(".st-key-lead-board")
    return within.locator(".card:not(.ghost)").filter(has_text=name)


def settled(page: Page, name: str, stage: str) -> None:
    """The card is there and the server has said yes."""
    expect(card(page, name, stage)).to_have_count(1)
    expect(card(page, name, stage)).to_have_attribute("aria-busy", "false")


def drag(page: Page, name: str, stage: str) -> None:
    card(page, name).locator(".name").hover()
    page.mouse.down()
    target = column(page, stage).bounding_box()
    assert target
    page.mouse.move(target["x"] + 40, target["y"] + 120, steps=6)
    page.mouse.up()


def stage_of(genko: Running, number: int) -> LeadStage:
    return lead(genko.clinic, number).stage


def test_a_card_is_dragged_to_another_column_and_stays_there(genko: Running, leads: Callable) -> None:
    number = add_lead(genko.clinic, first_name="Ana", last_name="Díaz", tags=["braces"])
    page = leads()
    expect(card(page, "Ana Díaz", "lead")).to_contain_text("braces")
    drag(page, "Ana Díaz", "qualified")
    settled(page, "Ana Díaz", "qualified")
    expect(column(page, "qualified").locator("header .count")).to_have_text("1")
    expect(column(page, "lead").locator("header .count")).to_have_text("0")
    assert stage_of(genko, number) is LeadStage.QUALIFIED
    page.reload()
    settled(page, "Ana Díaz", "qualified")


def test_arrows_and_buttons_move_a_card_and_never_into_converted(genko: Running, leads: Callable) -> None:
    number = add_lead(genko.clinic)
    add_lead(genko.clinic, first_name="Bo", last_name="Ek", days_old=2)
    page = leads()
    card(page, "Ana").focus()
    page.keyboard.press("ArrowDown")
    expect(card(page, "Bo")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    settled(page, "Ana", "qualified")
    expect(card(page, "Ana")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name="Convert to a patient")).to_be_visible()
    page.keyboard.press("Escape")
    settled(page, "Ana", "qualified")
    card(page, "Ana").get_by_role("button", name="Move to Prospect").click()
    settled(page, "Ana", "prospect")
    page.keyboard.press("Escape")
    card(page, "Ana").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Lead")).to_be_visible()
    assert [one.to_stage.value for one in changes(genko.clinic, number)] == [
        "prospect",
        "qualified",
        "prospect",
    ]


def test_many_quick_moves_all_arrive(genko: Running, leads: Callable) -> None:
    numbers = [add_lead(genko.clinic, first_name=f"Person{n}", last_name="") for n in range(6)]
    page = leads()
    for n in range(6):
        card(page, f"Person{n}").get_by_role("button", name="Move to Prospect").click(no_wait_after=True)
    for n in range(6):
        settled(page, f"Person{n}", "prospect")
    assert {stage_of(genko, number) for number in numbers} == {LeadStage.PROSPECT}
    assert [len(changes(genko.clinic, number)) for number in numbers] == [1] * 6


def test_lost_asks_for_a_reason_and_converted_asks_first(genko: Running, leads: Callable) -> None:
    number = add_lead(genko.clinic)
    convert(genko.clinic, add_lead(genko.clinic, first_name="Cleo"), clock.now())
    page = leads()
    drag(page, "Cleo", "qualified")
    expect(card(page, "Cleo", "converted")).to_contain_text("patient now and stays here")
    drag(page, "Ana", "converted")
    expect(page.get_by_role("dialog", name="Convert to a patient")).to_be_visible()
    page.keyboard.press("Escape")
    settled(page, "Ana", "lead")
    drag(page, "Ana", "lost")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Move to Lost").click()
    expect(dialog).to_contain_text("Say why the lead is lost.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    settled(page, "Ana", "lead")
    drag(page, "Ana", "lost")
    dialog.get_by_role("combobox", name="Reason").fill("Moved to Bonn")
    page.keyboard.press("Enter")
    add_lead(genko.clinic, first_name="Somebody", last_name="New")  # news wait until the dialog is closed
    dialog.get_by_role("button", name="Move to Lost").click()
    settled(page, "Ana", "lost")
    expect(card(page, "Ana", "lost")).to_contain_text("Moved to Bonn")
    expect(card(page, "Somebody", "lead")).to_have_count(1)
    assert lead(genko.clinic, number).lost_reason == "Moved to Bonn"


@pytest.mark.parametrize("news_came", [False, True])
def test_a_move_that_a_colleague_overtook_goes_back_with_a_sentence(
    genko: Running, leads: Callable, news_came: bool
) -> None:
    number = add_lead(genko.clinic)
    page = leads()
    card(page, "Ana").locator(".name").hover()
    page.mouse.down()
    box = column(page, "qualified").bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 120, steps=4)
    expect(column(page, "qualified")).to_have_class("column over")
    move(genko.clinic, number, LeadStage.PROSPECT, by=genko.clinic.ada)
    if news_came:  # they wait until the hand is empty
        expect(page.locator(".st-key-lead-board .root")).to_have_attribute("aria-busy", "true")
        expect(page.locator(".ghost")).to_have_count(1)
    page.mouse.up()
    expect(card(page, "Ana", "prospect")).to_contain_text(
        "Ada has moved this lead to Prospect in the meantime."
    )
    settled(page, "Ana", "prospect")
    card(page, "Ana").get_by_role("button", name="Close this message").click()
    expect(card(page, "Ana")).not_to_contain_text("in the meantime")
    assert stage_of(genko, number) is LeadStage.PROSPECT


def test_two_windows_see_one_truth(genko: Running, leads: Callable) -> None:
    add_lead(genko.clinic)
    maria, ada = leads(), leads(genko.clinic.ada)
    drag(maria, "Ana", "prospect")
    settled(maria, "Ana", "prospect")
    settled(ada, "Ana", "prospect")
    drag(ada, "Ana", "qualified")
    settled(ada, "Ana", "qualified")
    settled(maria, "Ana", "qualified")


def test_what_patients_and_staff_write_is_text(genko: Running, leads: Callable) -> None:
    nasty = '<img src=x onerror="window.caught=1">**b** [x](javascript:1) \'"&'
    add_lead(genko.clinic, first_name=nasty, last_name="", tags=[nasty.lower()])
    add_lead(
        genko.clinic, first_name="", last_name="", phone=None, stage=LeadStage.LOST, lost_reason="<b>x</b>"
    )
    silent = add_lead(genko.clinic, first_name="", last_name="", phone=None)
    talking(genko.clinic, "whatsapp:hidden", lead_id=silent)
    page = leads()
    expect(card(page, "From the channel", "lead")).to_have_count(1)
    assert card(page, "<img", "lead").locator(".name").inner_text() == nasty
    expect(card(page, "No name", "lost")).to_contain_text("<b>x</b>")
    drag(page, "<img", "lost")
    expect(page.get_by_role("dialog")).to_contain_text("<img src=x onerror")
    assert page.evaluate("window.caught") is None


def test_fresh_data_moves_nothing_under_the_eyes(genko: Running, leads: Callable) -> None:
    for n in range(30):
        add_lead(genko.clinic, first_name=f"Person{n:02}", last_name="", days_old=1 + n)
    page = leads()
    watched = card(page, "Person12")
    node = watched.element_handle()
    assert node
    watched.focus()
    watched.scroll_into_view_if_needed()
    before = watched.bounding_box()
    add_lead(genko.clinic, first_name="Newcomer", last_name="", days_old=0)
    expect(card(page, "Newcomer")).to_have_count(1)
    after = watched.bounding_box()
    assert before
    assert after
    assert after["y"] == pytest.approx(before["y"], abs=1.5)
    expect(watched).to_be_focused()
    assert node.evaluate("node => node.isConnected")


def test_more_cards_come_on_demand(genko: Running, leads: Callable) -> None:
    for n in range(60):
        add_lead(genko.clinic, first_name=f"Person{n:02}", last_name="", days_old=1 + n)
    page = leads()
    expect(column(page, "lead").locator(".card")).to_have_count(50)
    expect(column(page, "lead").locator("header .count")).to_have_text("60")
    column(page, "lead").get_by_role("button", name="Show more").click()
    expect(column(page, "lead").locator(".card")).to_have_count(60)


def test_a_viewer_reads_and_carries_nothing(genko: Running, leads: Callable) -> None:
    number = add_lead(genko.clinic)
    page = leads(genko.clinic.vic)
    expect(card(page, "Ana").get_by_role("button")).to_have_count(0)
    drag(page, "Ana", "prospect")
    card(page, "Ana").focus()
    page.keyboard.press("ArrowRight")
    expect(card(page, "Ana", "lead")).to_have_count(1)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Lead")
    expect(dialog.get_by_role("button", name="Update lead")).to_be_disabled()
    dialog.get_by_role("button", name="Touches").click()
    expect(page.get_by_role("dialog", name="Touches")).to_contain_text("No touches yet")
    expect(page.get_by_role("button", name="Save touch")).to_have_count(0)
    page.keyboard.press("Escape")
    card(page, "Ana").locator(".name").click()
    expect(dialog).to_be_visible()
    assert stage_of(genko, number) is LeadStage.LEAD


def test_a_finger_carries_after_a_long_press_and_scrolls_otherwise(genko: Running, leads: Callable) -> None:
    number = add_lead(genko.clinic)
    for n in range(12):
        add_lead(genko.clinic, first_name=f"Person{n:02}", last_name="", days_old=3)
    page = leads(width=390, height=844, has_touch=True, is_mobile=True)
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        finger.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )

    def middle(found: Locator) -> tuple[float, float]:
        box = found.bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    card(page, "Ana").locator(".name").tap(trial=True)  # waits until it stands still
    x, y = middle(card(page, "Ana").locator(".name"))
    touch("touchStart", (x, y))
    expect(page.locator(".ghost")).to_have_count(1)
    tab = page.locator(".st-key-lead-board .tab").filter(has_text="Prospect")
    touch("touchMove", middle(tab))
    expect(tab).to_have_class("tab over")
    touch("touchEnd")
    settled(page, "Ana", "prospect")
    assert stage_of(genko, number) is LeadStage.PROSPECT

    body = column(page, "lead").locator(".body")
    x, y = middle(card(page, "Person10").locator(".name"))
    touch("touchStart", (x, y))
    for step in range(1, 9):
        touch("touchMove", (x, y - 20 * step))
    touch("touchEnd")
    wait_until(lambda: body.evaluate("node => node.scrollTop") > 20)
    assert page.locator(".ghost").count() == 0
