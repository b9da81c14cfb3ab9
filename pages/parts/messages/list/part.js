// @ts-check
// Run again at every rerun: rows are matched by id and patched, never rebuilt.

import { closeMenuOnPhone, removeEarlierRoot, repeat, startOnce, stateOf } from "../../streamlit/component_life.js"
import { make, makeButton, setText, spokenOnly, titled } from "../../kit/dom.js"
import { icon } from "../../kit/icons.js"
import { drawIfChanged, placeInOrder, removeOthers } from "../../kit/keyed_rows.js"
import { Feed } from "../../kit/live/feed.js"
import { MINUTE } from "../../kit/live/topics.js"
import { announceOpening, onBackToList } from "../conversation_events.js"
import { announceCounts } from "../inbox_counts.js"

const instances = new WeakMap()
const OPEN_TIMEOUT_MS = 5000 // how long a chosen row stays marked while its conversation loads
const MORE_TIMEOUT_MS = 6000
const TICK_MS = 10000
const TOPICS = ["conversations", "unread", "settings", MINUTE]
const SHOWN = /** @type {const} */ (["rows", "more", "active", "closed", "empty", "read_at"]) // what the route answers too

const AUTHORS = { staff: "Team", other_tool: "Other tool", provider_app: "App", automatic: "Automatic reply" }
const capital = word => word.charAt(0).toUpperCase() + word.slice(1)
const count = (number, one, many) => `${number} ${number === 1 ? one : many}`

// Time -----------------------------------------------------------------------------------------

const now = state => state.serverNow + (performance.now() - state.heardAt)

function span(milliseconds) {
  const minutes = Math.floor(milliseconds / 60000)
  if (minutes < 1) return "now"
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h` : null
}

function ago(row, present) {
  const at = Date.parse(row.at)
  return span(present - at) ?? (row.date_text || calendar(at, present))
}

function calendar(at, present) {
  const sameYear = new Date(at).getFullYear() === new Date(present).getFullYear()
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", ...(sameYear ? {} : { year: "2-digit" }) }).format(at)
}

function waited(since, present) {
  const passed = Math.max(0, present - Date.parse(since))
  const short = span(passed) ?? `${Math.floor(passed / 86400000)} d`
  return short === "now" ? "1 min" : short
}

function left(until, present) {
  const minutes = Math.floor((Date.parse(until) - present) / 60000)
  if (minutes < 1) return "<1 min"
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
}

// One row --------------------------------------------------------------------------------------

function drawRow(node, row) {
  node.className = `row${row.unread ? " unread" : ""}`
  node.replaceChildren(drawTop(row), drawMiddle(row), drawBottom(row))
}

function drawTop(row) {
  const name = titled(make("span", "name", row.name), row.name)
  name.dir = "auto"
  const time = titled(make("time", "time"), row.at_text)
  time.dateTime = row.at
  return make("span", "line", name,
    titled(make("span", "messages", String(row.messages), spokenOnly(row.messages === 1 ? " message" : " messages")), count(row.messages, "message", "messages")),
    make("span", "marks",
      row.failed && titled(make("span", "mark failed", icon("warning"), spokenOnly("A message was not sent")), "A message was not sent"),
      row.window_closes_at && make("span", "mark closes", icon("hourglass"), make("span", "left")),
      row.ai && titled(make("span", "mark ai", icon("ai"), spokenOnly("AI on")), "AI is switched on here. AI suggestions are not part of this version yet")),
    time)
}

function drawMiddle(row) {
  const text = make("span", "preview")
  text.dir = "auto"
  if (row.match) text.append(make("span", "by", "Found: "), row.match)
  else text.append(...authored(row))
  const unread = row.unread > 0 && titled(make("span", "count", row.unread > 99 ? "99+" : String(row.unread), spokenOnly(" unread")), `${row.unread} unread`)
  return make("span", "line", text, unread)
}

function authored(row) {
  if (row.preview_author === "ai") return [make("span", "by", icon("ai"), spokenOnly("AI: ")), row.preview]
  const author = AUTHORS[row.preview_author]
  if (author) return [make("span", "by", `${author}: `), row.preview]
  return [row.preview]
}

function drawBottom(row) {
  return make("span", "line bottom",
    make("span", `status ${row.status}`, icon(row.status), capital(row.status)),
    titled(make("span", `priority ${row.priority}`, icon(row.priority), make("span", "word", capital(row.priority)), spokenOnly(" priority")), `${capital(row.priority)} priority`),
    account(row),
    row.waiting_since && make("span", "waiting", icon("clock"), make("span", "word", "waiting"), " ", make("span", "for")))
}

function account(row) {
  const label = make("span", "account", icon(row.channel, "unknownChannel"), spokenOnly(`${row.channel_label} `), make("span", "label", row.account))
  if (/^#[0-9a-f]{3,8}$/i.test(row.account_colour ?? "")) {
    label.style.setProperty("--account", row.account_colour)
    label.classList.add("coloured")
  }
  return titled(label, `${row.channel_label} · ${row.account}`)
}

function tickRow(node, row, present) {
  setText(node.querySelector(".time"), ago(row, present))
  if (row.waiting_since) {
    const passed = waited(row.waiting_since, present)
    setText(node.querySelector(".for"), passed)
    node.querySelector(".waiting").title = `The patient has been waiting for ${passed}`
  }
  if (row.window_closes_at) {
    const rest = left(row.window_closes_at, present)
    setText(node.querySelector(".left"), rest)
    node.querySelector(".closes").title = `The reply window closes in ${rest}`
  }
}

// The list -------------------------------------------------------------------------------------

function build(parentElement) {
  closeMenuOnPhone()
  removeEarlierRoot(parentElement)
  const state = { rows: new Map(), opening: [], base: null, active: null, fresh: new Set(), asked: null, data: null, view: null, life: null }
  state.feed = new Feed(inbox => refresh(state, inbox))
  state.list = make("div", "list")
  state.list.setAttribute("role", "listbox")
  state.list.setAttribute("aria-label", "Conversations")
  state.list.tabIndex = 0
  state.more = makeButton("button more", "Show more")
  state.scroller = make("div", "scroller", state.list, state.more)
  state.pill = makeButton("pill")
  state.empty = make("div", "empty")
  state.live = make("div", "said")
  state.live.setAttribute("role", "status")
  state.root = make("div", "root", state.scroller, state.pill, state.empty, state.live)
  state.pill.hidden = state.empty.hidden = state.more.hidden = true
  parentElement.append(state.root)
  return state
}

function listen(state, trigger) {
  state.trigger = trigger
  state.list.onclick = event => clicked(state, event)
  state.list.onkeydown = event => pressed(state, event)
  state.list.onfocus = () => { state.active ??= selected(state) ?? state.data.rows[0]?.id ?? null; paint(state) }
  state.list.onblur = () => paint(state)
  state.scroller.onscroll = () => scrolled(state)
  state.more.onclick = () => askMore(state)
  state.pill.onclick = () => { state.scroller.scrollTop = 0; state.list.focus({ preventScroll: true }) }
}

// What the page's script says. Rows that the list has fetched since the script read its own stay.
function hear(state, data) {
  const headers = data.search ? { "genko-search": data.search } : {}
  const isNewest = state.feed.show({ address: data.address, headers, topics: TOPICS, readAt: data.read_at })
  const newer = isNewest ? {} : Object.fromEntries(SHOWN.map(name => [name, state.data[name]]))
  settleMore(state, data)
  update(state, { ...data, ...newer })
}

// What a push has brought.
function refresh(state, inbox) {
  update(state, { ...state.data, ...inbox })
}

function update(state, data) {
  const before = state.data
  const restarted = before !== null && data.view !== before.view
  const isSentHere = data.selected !== before?.selected && !state.opening.some(one => one.id === data.selected)
  const anchor = restarted ? null : findAnchor(state, data)
  const above = anchor && idsAbove(before, anchor.id)
  state.data = data
  state.serverNow = Date.parse(data.read_at)
  state.heardAt = performance.now()
  settleOpening(state)
  reconcile(state)
  if (anchor) keepPlace(state, anchor, above, before)
  else if (restarted) startOver(state)
  if (isSentHere) state.rows.get(data.selected)?.node.scrollIntoView({ block: "nearest" })
  showRest(state)
  tick(state)
  paint(state)
  announceCounts(data)
}

function reconcile(state) {
  const ids = new Set(state.data.rows.map(row => row.id))
  removeOthers(state.rows, ids)
  placeInOrder(state.list, state.data.rows.map(row => patchRow(state, row)))
  if (state.active !== null && !ids.has(state.active)) state.active = null
}

// What arrives in the open conversation is being read.
const isBeingRead = (state, row) => row.id === selected(state) && !document.hidden

function patchRow(state, answered) {
  const row = isBeingRead(state, answered) ? { ...answered, unread: 0 } : answered
  const entry = state.rows.get(row.id) ?? newRow(state, row.id)
  drawIfChanged(entry, row, () => drawRow(entry.node, row))
  entry.row = row
  return entry.node
}

function newRow(state, id) {
  const node = make("div", "row")
  node.id = `row-${id}`
  node.dataset.id = String(id)
  node.setAttribute("role", "option")
  const entry = { node, drawn: "", row: null }
  state.rows.set(id, entry)
  return entry
}

function tick(state) {
  const present = now(state)
  for (const { node, row } of state.rows.values()) tickRow(node, row, present)
}

function paint(state) {
  const chosen = selected(state)
  const focused = state.root.getRootNode().activeElement === state.list
  for (const [id, { node }] of state.rows) {
    node.setAttribute("aria-selected", String(id === chosen))
    node.classList.toggle("active", focused && id === state.active)
  }
  if (state.active === null) state.list.removeAttribute("aria-activedescendant")
  else state.list.setAttribute("aria-activedescendant", `row-${state.active}`)
}

function showRest(state) {
  const { rows, more, empty } = state.data
  state.scroller.hidden = rows.length === 0
  state.more.hidden = !more
  setText(state.more, state.asked === null ? "Show more" : "Loading…")
  state.more.setAttribute("aria-disabled", String(state.asked !== null))
  showEmpty(state, rows.length === 0 ? empty : null)
  showPill(state)
}

function showEmpty(state, empty) {
  state.empty.hidden = !empty
  const written = JSON.stringify(empty)
  if (!empty || state.emptyWritten === written) return
  state.emptyWritten = written
  const action = empty.action && makeButton("button", empty.action)
  if (action) action.onclick = () => state.trigger("action", { leads_to: empty.leads_to })
  state.empty.replaceChildren(...[make("h3", "", empty.title), make("p", "", empty.text), action].filter(Boolean))
}

function showPill(state) {
  state.pill.hidden = state.fresh.size === 0
  const words = `${state.fresh.size} new ↑`
  if (state.pill.hidden || state.pill.textContent === words) return
  state.pill.textContent = words
  state.pill.setAttribute("aria-label", `${count(state.fresh.size, "conversation", "conversations")} with something new above. Go to the top`)
  state.live.textContent = `${count(state.fresh.size, "conversation has", "conversations have")} something new, above`
}

// Keeping the place ----------------------------------------------------------------------------

const motion = row => `${row.at} ${row.waiting_since}`

// A row that moved makes a bad anchor, so the first visible one that did not move is taken.
function findAnchor(state, data) {
  if (!state.data || state.scroller.scrollTop < 8) return null
  const coming = new Map(data.rows.map(row => [row.id, row]))
  const top = state.scroller.getBoundingClientRect().top
  const visible = state.data.rows.filter(row => coming.has(row.id) && state.rows.get(row.id).node.getBoundingClientRect().bottom > top)
  const still = visible.find(row => motion(row) === motion(coming.get(row.id))) ?? visible[0]
  return still ? { id: still.id, offset: offsetOf(state, still.id) } : null
}

function offsetOf(state, id) {
  return state.rows.get(id).node.getBoundingClientRect().top - state.scroller.getBoundingClientRect().top
}

function idsAbove(data, id) {
  const rows = data.rows
  return new Set(rows.slice(0, rows.findIndex(row => row.id === id)).map(row => row.id))
}

function keepPlace(state, anchor, above, before) {
  const moved = offsetOf(state, anchor.id) - anchor.offset
  if (moved) state.scroller.scrollTop += moved
  const old = new Map(before.rows.map(row => [row.id, row]))
  for (const id of idsAbove(state.data, anchor.id)) {
    const was = old.get(id)
    if (!above.has(id) || !was || motion(was) !== motion(state.rows.get(id).row)) state.fresh.add(id)
  }
  for (const id of state.fresh) if (!state.rows.has(id)) state.fresh.delete(id)
}

function startOver(state) {
  state.scroller.scrollTop = 0
  state.fresh.clear()
}

function scrolled(state) {
  if (state.scroller.scrollTop < 8 && state.fresh.size) { state.fresh.clear(); showPill(state) }
  const rest = state.scroller.scrollHeight - state.scroller.scrollTop - state.scroller.clientHeight
  if (rest < 300) askMore(state)
}

// What the person does -------------------------------------------------------------------------

const selected = state => state.opening.at(-1)?.id ?? state.data.selected

function settleOpening(state) {
  const late = performance.now() - OPEN_TIMEOUT_MS
  const answered = state.opening.findIndex(one => one.id === state.data.selected)
  if (answered >= 0) state.opening.splice(0, answered + 1)
  else if (state.data.selected !== state.base) state.opening = []
  state.opening = state.opening.filter(one => one.at > late)
  state.base = state.data.selected
}

function clicked(state, event) {
  const node = event.target.closest("[role=option]")
  if (node) open(state, Number(node.dataset.id))
}

function open(state, id) {
  state.active = id
  state.opening.push({ id, at: performance.now() })
  paint(state)
  announceOpening(id)
  state.trigger("open", { id })
}

// Two triggers on the way at once would be merged into the newer one: opening goes first, the rest is asked for again.
function askMore(state) {
  if (!state.data.more || state.asked !== null || state.opening.length) return
  state.asked = { rows: state.data.rows.length, at: performance.now() }
  showRest(state)
  state.trigger("more", { after: state.data.rows.at(-1)?.id ?? null })
}

function settleMore(state, data) {
  if (!state.asked) return
  const grown = data.rows.length !== state.asked.rows || data.view !== state.data?.view
  if (grown || !data.more || performance.now() - state.asked.at > MORE_TIMEOUT_MS) state.asked = null
}

function pressed(state, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const ids = state.data.rows.map(row => row.id)
  const index = ids.indexOf(state.active)
  const target = { ArrowDown: index + 1, ArrowUp: Math.max(0, index - 1), Home: 0, End: ids.length - 1, PageDown: index + 6, PageUp: Math.max(0, index - 6) }[event.key]
  if (target !== undefined) goTo(state, ids[Math.min(target, ids.length - 1)])
  else if (event.key === "Enter" || event.key === " ") { if (state.active !== null) open(state, state.active) }
  else return
  event.preventDefault()
  event.stopPropagation()
}

// Esc in the box, which is another part: from the open conversation ↑ and ↓ lead on.
function comeBack(state) {
  state.list.focus({ preventScroll: true })
  goTo(state, selected(state) ?? state.active ?? undefined)
}

function goTo(state, id) {
  if (id === undefined) return
  state.active = id
  paint(state)
  state.rows.get(id).node.scrollIntoView({ block: "nearest" })
}

function beat(state) {
  const late = state.opening.length
  settleOpening(state)
  if (state.asked && performance.now() - state.asked.at > MORE_TIMEOUT_MS) { state.asked = null; showRest(state) }
  if (late !== state.opening.length) paint(state)
  tick(state)
}

function begin(state, signal) {
  onBackToList(() => comeBack(state), signal)
  state.feed.start(signal)
  repeat(() => beat(state), TICK_MS, signal)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const state = stateOf(instances, parentElement, build)
  listen(state, setTriggerValue)
  hear(state, data)
  return startOnce(state, begin)
}
