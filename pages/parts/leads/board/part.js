// @ts-check
// Run again at every rerun: cards are matched by id and patched, never rebuilt.

import { closeMenuOnPhone, removeEarlierRoot, repeat, startOnce, stateOf } from "../../streamlit/component_life.js"
import { make, makeButton, setText, spokenOnly, titled } from "../../kit/dom.js"
import { duration } from "../../kit/durations.js"
import { icon } from "../../kit/icons.js"
import { drawIfChanged, placeInOrder, removeOthers } from "../../kit/keyed_rows.js"
import { Feed } from "../../kit/live/feed.js"
import { MINUTE } from "../../kit/live/topics.js"
import { listenToHands, putDown } from "./drag.js"

const instances = new WeakMap()
const REPEAT_MS = 2500 // after which a move that got no answer is sent again
const ANSWER_TIMEOUT_MS = 25000 // after which it is given up
const BEAT_MS = 1000
const TOPICS = ["leads", "settings", MINUTE]
const LOWEST_PX = 420
const MOST_TAGS = 3
const ORDER = ["lead", "prospect", "qualified", "converted", "lost"]
const HINTS = { converted: "Drop to convert", lost: "Drop and say why" }
const STAYS = "This lead is a patient now and stays here."
const STAYS_SHOWN_MS = 8000

const label = (state, stage) => state.columns.get(stage).data.label
const number = count => count.toLocaleString("en-GB")

// One card -------------------------------------------------------------------------------------

function drawCard(state, entry) {
  const { card, node } = entry
  const { stage, pending, busy, problem } = entry.shown
  node.className = `card${pending ? " pending" : ""}${mayMove(state, card.id) ? " movable" : ""}`
  node.setAttribute("aria-busy", String(pending || busy))
  node.setAttribute("aria-label", `${card.title}, ${label(state, stage)}`)
  node.replaceChildren(...[
    drawName(card, pending || busy), card.phone && make("div", "phone", card.phone), drawMeta(card), drawTags(card.tags),
    card.reason && stage === "lost" && textLine("reason", card.reason),
    card.uncontacted && make("div", "uncontacted", icon("clock"), "Not contacted for 24 h"),
    problem && make("div", "problem", problem, action("quiet", "close", "Close this message")), drawActions(state, card, stage),
  ].filter(Boolean))
}

function textLine(className, text) {
  const node = titled(make("div", className, text), text)
  node.dir = "auto"
  return node
}

function drawName(card, waits) {
  const name = titled(make("span", "name", card.title), card.title)
  name.dir = "auto"
  return make("div", "line", name,
    card.new && !waits && titled(make("span", "new", "New"), "Came in by itself; nobody has looked at it yet"),
    waits && make("span", "spinner", spokenOnly("One moment…")))
}

function drawMeta(card) {
  return make("div", "line meta", icon(card.source), make("span", "source", card.source_label),
    titled(make("span", "age", make("span", "for"), spokenOnly(" old")), `Came in on ${card.created}`))
}

function drawTags(tags) {
  if (!tags.length) return null
  const rest = tags.slice(MOST_TAGS)
  return make("div", "tags", ...tags.slice(0, MOST_TAGS).map(tag => titled(make("span", "tag", tag), tag)),
    rest.length > 0 && titled(make("span", "tag", `+${rest.length}`), rest.join(", ")))
}

function drawActions(state, card, stage) {
  const message = card.talks ? action("message", "talks", "Open the conversation") : action("message", "message", "Start a conversation")
  if (!state.data.can_edit) return card.talks && make("div", "actions", message)
  const left = neighbour(stage, -1), right = neighbour(stage, 1)
  return make("div", "actions",
    left ? action("left", "left", `Move to ${label(state, left)} (←)`, left) : make("span", "gap"),
    make("span", "middle", action("edit", "edit", "Edit (Enter)"), message, action("lead-touches", "touches", "Touches"),
      stage !== "converted" && action("convert", "convert", "Convert to patient"), action("delete", "delete", "Delete")),
    right ? action("right", "right", right === "converted" ? "Convert to patient (→)" : `Move to ${label(state, right)} (→)`, right) : make("span", "gap"))
}

function action(what, drawing, name, to = "") {
  const button = titled(makeButton(`action ${drawing}`, icon(drawing)), name)
  button.tabIndex = -1
  button.dataset.what = what
  if (to) button.dataset.to = to
  button.setAttribute("aria-label", name.replace(/ \(.*\)$/, ""))
  return button
}

// Arrows pass Converted by on the way back: only ▶ on Qualified asks for converting.
function neighbour(stage, way) {
  if (stage === "converted" || (stage === "qualified" && way < 0)) return stage === "converted" ? null : "prospect"
  if (stage === "lost") return way < 0 ? "qualified" : null
  return ORDER[ORDER.indexOf(stage) + way] ?? null
}

// The board ------------------------------------------------------------------------------------

function build(parentElement) {
  closeMenuOnPhone()
  removeEarlierRoot(parentElement)
  const state = { cards: new Map(), columns: new Map(), moves: [], busy: new Map(), problems: new Map(), active: null, data: null, count: 0, life: null, heardAt: 0 }
  state.feed = new Feed(board => update(state, { ...(state.late ?? state.data), ...board }))
  state.tabs = make("div", "tabs")
  state.scroller = make("div", "scroller")
  state.live = make("div", "said")
  state.live.setAttribute("role", "status")
  state.keys = make("div", "said", "Arrow left and right move the card, up and down walk, Enter opens, L marks it as lost.")
  state.keys.id = "keys"
  state.root = make("div", "root", state.tabs, state.scroller, state.live, state.keys)
  for (const stage of ORDER) buildColumn(state, stage)
  parentElement.append(state.root)
  listen(state)
  listenToHands(state, {
    stageOf: id => stageOf(state, id),
    mayMove: id => mayMove(state, id),
    refuse: id => stay(state, id),
    moveTo: (id, to, from) => moveTo(state, id, to, from),
    update: data => update(state, data),
  })
  return state
}

function buildColumn(state, stage) {
  const title = make("h3", "title"), count = make("span", "count"), list = make("ol", "cards"), empty = make("p", "empty")
  const more = makeButton("more", "Show more"), tab = makeButton("tab")
  list.setAttribute("role", "list")
  const node = make("section", "column", make("header", "", title, count, make("span", "hint", HINTS[stage] ?? "Drop here")), make("div", "body", list, empty, more))
  node.dataset.stage = tab.dataset.stage = stage
  more.onclick = () => { setText(more, "Loading…"); state.trigger("more", { stage, count: ++state.count }) }
  tab.onclick = () => state.scroller.scrollTo({ left: node.offsetLeft, behavior: "smooth" })
  state.tabs.append(tab)
  state.scroller.append(node)
  state.columns.set(stage, { node, title, count, list, empty, more, tab, body: list.parentElement, data: null })
}

function listen(state) {
  state.root.onclick = event => clicked(state, event)
  state.root.onkeydown = event => pressed(state, event)
  state.root.addEventListener("focusin", event => activate(state, event.target.closest(".card")))
  state.scroller.onscroll = () => paintTabs(state)
}

// What the page's script says. Cards that the board has fetched since the script read its own stay.
function hear(state, data) {
  const headers = data.search ? { "genko-search": data.search } : {}
  const isNewest = state.feed.show({ address: data.address, headers, topics: TOPICS, readAt: data.read_at })
  const { columns, read_at: readAt } = isNewest ? data : state.late ?? state.data
  update(state, { ...data, columns, read_at: readAt })
}

function update(state, data) {
  if (state.drag) { // nothing moves under a hand
    state.late = data
    state.root.setAttribute("aria-busy", "true")
    return
  }
  const restarted = state.data && data.view !== state.data.view
  state.data = data
  state.heardAt = performance.now()
  for (const column of data.columns) state.columns.get(column.stage).data = column
  hearAnswers(state)
  state.busy.clear()
  show(state)
  if (restarted) for (const { body } of state.columns.values()) body.scrollTop = 0
  fit(state)
  state.root.classList.add("ready")
}

function show(state) {
  const focus = rememberFocus(state)
  const places = [...state.columns.values()].map(column => ({ column, anchor: findAnchor(column) }))
  reconcile(state)
  for (const { column, anchor } of places) keepPlace(column, anchor)
  giveFocusBack(state, focus)
  paintTabs(state)
  tick(state)
}

function reconcile(state) {
  /** @type {Record<string, any[]>} */
  const entriesByStage = Object.fromEntries(ORDER.map(stage => [stage, []]))
  const ids = new Set()
  for (const column of state.data.columns) {
    for (const card of column.cards) {
      const move = lastMove(state, card.id)
      const entry = entryOf(state, card)
      entry.card = card
      entry.stage = column.stage
      entry.look = { stage: move?.to ?? column.stage, pending: Boolean(move), busy: state.busy.has(card.id), problem: state.problems.get(card.id) ?? "" }
      ids.add(card.id)
      if (move) entriesByStage[move.to].unshift(entry)
      else entriesByStage[column.stage].push(entry)
    }
  }
  removeOthers(state.cards, ids)
  if (!ids.has(state.active)) state.active = null
  for (const [stage, entries] of Object.entries(entriesByStage)) placeColumn(state, state.columns.get(stage), entries)
  paintActive(state)
}

function entryOf(state, card) {
  let entry = state.cards.get(card.id)
  if (!entry) {
    const node = make("li", "card")
    node.dataset.id = String(card.id)
    node.setAttribute("aria-describedby", "keys")
    state.cards.set(card.id, entry = { node, drawn: "" })
  }
  return entry
}

function placeColumn(state, column, entries) {
  for (const entry of entries) {
    drawIfChanged(entry, [entry.card, entry.look, state.data.can_edit], () => {
      entry.shown = entry.look
      drawCard(state, entry)
    })
  }
  placeInOrder(column.list, entries.map(entry => entry.node))
  const { data } = column
  setText(column.title, data.label)
  setText(column.count, number(data.count))
  column.node.setAttribute("aria-label", `${data.label}, ${number(data.count)} ${data.count === 1 ? "lead" : "leads"}`)
  column.more.hidden = !data.more
  setText(column.more, "Show more")
  column.empty.hidden = entries.length > 0 && !data.cut
  setText(column.empty, data.cut ? "Search to find the rest." : data.left_out ? "Hidden by the stage filter." : "Nobody here.")
  column.tab.replaceChildren(make("span", "", data.label), make("span", "count", number(data.count)))
}

// Keeping the place ----------------------------------------------------------------------------

function findAnchor({ body, list }) {
  if (body.scrollTop < 8) return null
  const top = body.getBoundingClientRect().top
  const node = [...list.children].find(one => one.getBoundingClientRect().bottom > top && !one.classList.contains("pending"))
  return node && { node, offset: node.getBoundingClientRect().top - top, rest: [...list.children] }
}

function keepPlace({ body, list }, anchor) {
  if (!anchor || anchor.node.parentElement !== list) return
  body.scrollTop += anchor.node.getBoundingClientRect().top - body.getBoundingClientRect().top - anchor.offset
}

function rememberFocus(state) {
  const node = state.root.getRootNode().activeElement
  const card = node?.closest(".card")
  if (!card) return null
  return { node, id: Number(card.dataset.id), what: node.dataset.what, next: card.nextElementSibling ?? card.previousElementSibling }
}

function giveFocusBack(state, focus) {
  if (!focus || state.root.getRootNode().activeElement === focus.node) return
  const card = state.cards.get(focus.id)?.node ?? (focus.next?.isConnected ? focus.next : null)
  const again = (focus.what && card?.querySelector(`[data-what="${focus.what}"]`)) || card
  again?.focus({ preventScroll: true })
}

// The board reaches to the window's foot, wherever on the page it begins.
function fit(state) {
  const main = state.root.getRootNode().host?.closest("[data-testid=stMain]")
  const top = state.root.getBoundingClientRect().top + (main?.scrollTop ?? 0)
  state.root.style.height = `${Math.max(LOWEST_PX, Math.floor(innerHeight - top - 20))}px`
  paintTabs(state)
}

function paintTabs(state) {
  const middle = state.scroller.scrollLeft + state.scroller.clientWidth / 2
  for (const { node, tab } of state.columns.values())
    tab.setAttribute("aria-pressed", String(node.offsetLeft <= middle && middle < node.offsetLeft + node.offsetWidth + 12))
}

// Moving ---------------------------------------------------------------------------------------

const lastMove = (state, id) => state.moves.findLast(move => move.id === id)
const stageOf = (state, id) => lastMove(state, id)?.to ?? state.cards.get(id)?.stage
const mayMove = (state, id) => Boolean(state.data.can_edit) && stageOf(state, id) !== "converted"

function moveTo(state, id, to, from = stageOf(state, id)) {
  if (!state.cards.has(id) || from === to) return
  state.problems.delete(id)
  if (to === "converted") return wish(state, "convert", id)
  if (to === "lost") return wish(state, "lose", id, from)
  const present = performance.now()
  state.moves.push({ id, from, to, nonce: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, begun: present, sent: present })
  send(state)
  show(state)
}

// What a newer trigger overtakes on its way is lost: all that waits for an answer goes together, and again if need be.
function send(state) {
  if (state.moves.length) state.trigger("moves", state.moves.map(({ id, from, to, nonce }) => ({ id, from, to, nonce })))
}

function hearAnswers(state) {
  const { answers } = state.data
  for (const { id, to, nonce } of state.moves.filter(move => move.nonce in answers)) {
    const title = state.cards.get(id)?.card.title ?? ""
    if (answers[nonce]) complain(state, id, answers[nonce])
    else setText(state.live, `${title} is in ${label(state, to)}`)
  }
  state.moves = state.moves.filter(move => !(move.nonce in answers))
}

function complain(state, id, sentence) {
  state.problems.set(id, sentence)
  setText(state.live, `${state.cards.get(id)?.card.title ?? ""} was not moved. ${sentence}`)
}

// Said for a while only: such a card has no next move that would clear it.
function stay(state, id) {
  complain(state, id, STAYS)
  show(state)
  setTimeout(() => { state.problems.delete(id); if (!state.drag) show(state) }, STAYS_SHOWN_MS)
}

function wish(state, what, id, from = stageOf(state, id)) {
  state.busy.set(id, performance.now())
  show(state)
  state.trigger("wish", { what, id, from, at: Date.now() })
}

function tick(state) {
  const now = Date.parse(state.data.read_at) + performance.now() - state.heardAt
  for (const { node, card } of state.cards.values()) setText(node.querySelector(".for"), duration(now - Date.parse(card.created_at)))
}

function beat(state) {
  tick(state)
  const present = performance.now()
  const given = state.moves.filter(move => present - move.begun > ANSWER_TIMEOUT_MS)
  const late = state.moves.filter(move => present - move.sent > REPEAT_MS)
  const busy = [...state.busy].filter(([, at]) => present - at > ANSWER_TIMEOUT_MS / 5)
  if (late.length) { for (const move of state.moves) move.sent = present; send(state) }
  state.moves = state.moves.filter(move => !given.includes(move))
  for (const { id } of given) complain(state, id, "No answer came. Look where it is and try again.")
  for (const [id] of busy) state.busy.delete(id)
  if ((given.length || busy.length) && !state.drag) show(state)
}

// What the person does -------------------------------------------------------------------------

function clicked(state, event) {
  const node = event.target.closest(".card")
  if (!node || state.swallow) { state.swallow = false; return }
  if (event.detail > 1) return // a double click is one: by its second half another card may have come under the pointer
  const id = Number(node.dataset.id), button = event.target.closest("button")
  if (!button) wish(state, "edit", id)
  else if (button.dataset.what === "quiet") { state.problems.delete(id); show(state) }
  else if (button.dataset.to) step(state, id, button.dataset.to)
  else wish(state, button.dataset.what, id)
}

function step(state, id, to) {
  if (!to) return
  const { node } = state.cards.get(id)
  moveTo(state, id, to)
  if (lastMove(state, id)?.to === to) node.scrollIntoView({ block: "nearest", inline: "nearest" })
}

function pressed(state, event) {
  const node = event.target.closest(".card")
  if (!node || event.ctrlKey || event.metaKey || event.altKey) return
  const id = Number(node.dataset.id), onCard = event.target === node
  const way = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key]
  if (event.key === "ArrowUp" || event.key === "ArrowDown") walk(way < 0 ? node.previousElementSibling : node.nextElementSibling)
  else if (way && event.shiftKey) walk(aside(state, node, way))
  else if (way && state.data.can_edit && !mayMove(state, id)) stay(state, id)
  else if (way && mayMove(state, id)) step(state, id, neighbour(stageOf(state, id), way))
  else if (event.key === "Enter" && onCard) wish(state, "edit", id)
  else if (event.key.toLowerCase() === "l" && onCard && mayMove(state, id)) moveTo(state, id, "lost")
  else return
  event.preventDefault()
  event.stopPropagation()
}

function walk(node) {
  node?.focus({ preventScroll: true })
  node?.scrollIntoView({ block: "nearest", inline: "nearest" })
}

function aside(state, node, way) {
  const index = [...node.parentElement.children].indexOf(node)
  const stages = way < 0 ? ORDER.slice(0, ORDER.indexOf(stageOf(state, Number(node.dataset.id)))).toReversed() : ORDER.slice(ORDER.indexOf(stageOf(state, Number(node.dataset.id))) + 1)
  const list = stages.map(stage => state.columns.get(stage).list).find(one => one.children.length)
  return list?.children[Math.min(index, list.children.length - 1)]
}

// One card of all takes part in the way of the Tab key, and its buttons after it.
function activate(state, node) {
  const id = node ? Number(node.dataset.id) : state.active
  if (id !== state.active) { state.active = id; paintActive(state) }
}

function paintActive(state) {
  const active = state.active ?? state.root.querySelector(".card")?.dataset.id
  for (const [id, { node }] of state.cards) {
    const place = id === Number(active) ? 0 : -1
    node.tabIndex = place
    for (const button of node.querySelectorAll("button")) button.tabIndex = place
  }
}

function begin(state, signal) {
  addEventListener("resize", () => fit(state), { signal })
  state.feed.start(signal)
  repeat(() => beat(state), BEAT_MS, signal)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const state = stateOf(instances, parentElement, build)
  state.trigger = setTriggerValue
  hear(state, data)
  return startOnce(state, begin, putDown)
}
