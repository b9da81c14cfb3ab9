// @ts-check
// Run again at every rerun: a row is drawn anew only when it differs.

import { closeMenuOnPhone, removeEarlierRoot, repeat, startOnce, stateOf } from "../../streamlit/component_life.js"
import { make, makeButton, setText, spokenOnly, titled } from "../../kit/dom.js"
import { durationOrDate } from "../../kit/durations.js"
import { icon } from "../../kit/icons.js"
import { placeInOrder, removeOthers } from "../../kit/keyed_rows.js"
import { Feed } from "../../kit/live/feed.js"
import { MINUTE } from "../../kit/live/topics.js"

const instances = new WeakMap()
const COLUMNS = [["name", "Name"], ["phone", "Phone"], ["email", "Email"], ["stage", "Stage"], ["source", "Source"], ["tags", "Tags"],
  ["created", "Added"], ["contacted", "Last contact"]]
const TOPICS = ["leads", "settings", MINUTE]
const TICK_MS = 10000
const ROOM = 20 // letters
const ACTIONS = [["edit", "Edit"], ["message", "Message"], ["lead-touches", "Touches"], ["convert", "Convert to patient"], ["delete", "Delete"]]
const ACTION_ICONS = { "lead-touches": "touches" }

const isolated = text => { const node = make("span", "text", text); node.dir = "auto"; return node }
const called = row => row.name || row.phone || row.email || "this lead"

function check(label) {
  const box = make("input")
  box.type = "checkbox"
  box.setAttribute("aria-label", label)
  return box
}

// Cells ----------------------------------------------------------------------------------------

function drawRow(state, row) {
  const node = make("tr", row.uncontacted ? "late" : "")
  node.dataset.id = String(row.id)
  const box = check(`Select ${called(row)}`)
  box.onchange = () => choose(state, [row.id], box.checked)
  node.append(make("td", "box", make("label", "", box)), nameCell(state, row), ...valueCells(row), actionCell(state, row))
  return node
}

function nameCell(state, row) {
  const open = makeButton("name", isolated(row.name || "No name"))
  open.title = row.name
  open.onclick = () => act(state, "edit", row.id)
  const head = make("th", "name-cell", open)
  head.scope = "row"
  return head
}

function valueCells(row) {
  const stage = make("span", `stage ${row.stage}`, make("span", "dot"), row.stage_label)
  const contact = make("span", row.uncontacted ? "contact missing" : "contact", row.uncontacted && icon("clock"), make("span", "contacted-age", row.contacted_date))
  const cells = {
    phone: isolated(row.phone), email: titled(isolated(row.email), row.email), stage, source: row.source, tags: titled(make("span", "tags", ...tagsOf(row.tags)), row.tags.join(", ")),
    created: titled(make("span", "created-age", row.created_date), row.created_title), contacted: titled(contact, row.contacted_title),
  }
  return Object.entries(cells).map(([name, cell]) => make("td", name, cell))
}

// What the column has room for, at least one, and how many more there are.
function tagsOf(tags) {
  let letters = 0
  const fitting = tags.filter((tag, index) => (letters += tag.length + 4) <= ROOM || index === 0)
  const rest = tags.length - fitting.length
  return [...fitting.map(tag => make("span", "tag", isolated(tag))), rest > 0 && make("span", "rest", `+${rest}`)].filter(Boolean)
}

function actionCell(state, row) {
  const buttons = !state.data.canEdit ? [] : ACTIONS.map(([what, label]) => {
    const button = titled(makeButton(`action ${what}`, icon(ACTION_ICONS[what] ?? what)), label)
    button.disabled = what === "convert" && row.converted // and unseen: the others keep their places
    button.setAttribute("aria-label", `${label}: ${called(row)}`)
    button.onclick = () => act(state, what, row.id)
    return button
  })
  return make("td", "actions", make("span", "buttons", ...buttons))
}

// What people do -------------------------------------------------------------------------------

function act(state, what, id) {
  state.trigger("act", { what, id })
}

function choose(state, ids, on) {
  for (const id of ids) state.unheard.set(id, on)
  state.turn += 1
  mark(state)
  tell(state)
}

function tell(state) {
  const picked = wanted => [...state.unheard].filter(([, on]) => on === wanted).map(([id]) => id)
  state.trigger("tick", { on: picked(true), off: picked(false), round: state.round, turn: state.turn, read_at: state.data.read_at })
}

// What was ticked while an older run was on its way stays ticked, and is told again in case a newer word overtook it.
function hearChoice(state, { ids, round, turn }) {
  if (round !== state.round || turn >= state.turn) {
    state.unheard.clear()
    state.turn = turn
  }
  state.round = round
  state.chosen = new Set(ids)
  if (state.unheard.size) tell(state)
}

const isChosen = (state, id) => state.unheard.get(id) ?? state.chosen.has(id)

// The grid -------------------------------------------------------------------------------------

function build(parentElement) {
  closeMenuOnPhone()
  removeEarlierRoot(parentElement)
  const state = { rows: new Map(), chosen: new Set(), unheard: new Map(), round: 0, turn: 0, headers: new Map(), data: /** @type {any} */ (null), drawnTotal: 0, heardAt: 0, life: null }
  state.feed = new Feed(leads => refresh(state, leads))
  state.all = check("Select all rows of this page")
  state.all.onchange = () => choose(state, state.data.rows.map(row => row.id), state.all.checked)
  state.body = make("tbody")
  const table = make("table", "", make("thead", "", header(state)), state.body)
  table.setAttribute("aria-label", "Leads")
  state.root = make("div", "root", table)
  parentElement.append(state.root)
  return state
}

function header(state) {
  const line = make("tr", "", make("th", "box", make("label", "", state.all)))
  for (const [name, label] of COLUMNS) {
    const arrow = make("span", "arrow")
    arrow.setAttribute("aria-hidden", "true") // aria-sort says it
    const button = makeButton("sort", label, arrow)
    button.onclick = () => state.trigger("sort", { by: name })
    const cell = make("th", `${name}`, button)
    cell.scope = "col"
    state.headers.set(name, cell)
    line.append(cell)
  }
  const last = make("th", "actions", spokenOnly("Actions"))
  last.scope = "col"
  line.append(last)
  return line
}

// What the page's script says. Rows that the table has fetched since the script read its own stay.
function hear(state, data) {
  const headers = data.search ? { "genko-search": data.search } : {}
  const isNewest = state.feed.show({ address: data.address, headers, topics: TOPICS, readAt: data.read_at })
  state.drawnTotal = data.total
  const { rows, total, page, read_at: readAt } = isNewest ? data : state.data
  update(state, { ...data, rows, total, page, read_at: readAt })
}

// What a push has brought. How many there are is Streamlit's to draw, under the table: it runs when that has changed.
function refresh(state, leads) {
  update(state, { ...state.data, ...leads })
  if (leads.total === state.drawnTotal || !state.data.mayRun) return
  state.drawnTotal = leads.total
  state.trigger("total", { total: leads.total, at: leads.read_at })
}

function tick(state) {
  const now = Date.parse(state.data.read_at) + performance.now() - state.heardAt
  for (const { node, row } of state.rows.values()) {
    setText(node.querySelector(".created-age"), durationOrDate(now - Date.parse(row.created_at), row.created_date))
    if (row.contacted_at) setText(node.querySelector(".contacted-age"), durationOrDate(now - Date.parse(row.contacted_at), row.contacted_date))
  }
}

function update(state, data) {
  state.data = data
  state.heardAt = performance.now()
  state.root.hidden = data.rows.length === 0
  state.root.classList.toggle("reading", !data.canEdit)
  for (const [name, cell] of state.headers) {
    const way = name === data.sort ? (data.descending ? "descending" : "ascending") : "none"
    cell.setAttribute("aria-sort", way)
    cell.querySelector(".arrow").textContent = { ascending: "↑", descending: "↓", none: "" }[way]
  }
  hearChoice(state, data.chosen)
  const ids = new Set(data.rows.map(row => row.id))
  removeOthers(state.rows, ids)
  placeInOrder(state.body, data.rows.map(row => patchRow(state, row)))
  mark(state)
  tick(state)
}

function patchRow(state, row) {
  const written = JSON.stringify([row, state.data.canEdit])
  let entry = state.rows.get(row.id)
  if (!entry || entry.written !== written) {
    const node = drawRow(state, row)
    entry?.node.replaceWith(node)
    state.rows.set(row.id, entry = { node, written, row })
  }
  return entry.node
}

function mark(state) {
  let count = 0
  for (const [id, { node }] of state.rows) {
    const on = isChosen(state, id)
    node.querySelector("input").checked = on
    node.classList.toggle("chosen", on)
    count += on
  }
  state.all.checked = count > 0 && count === state.rows.size
  state.all.indeterminate = count > 0 && count < state.rows.size
}

function begin(state, signal) {
  state.feed.start(signal)
  repeat(() => tick(state), TICK_MS, signal)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const state = stateOf(instances, parentElement, build)
  state.trigger = setTriggerValue
  hear(state, data)
  return startOnce(state, begin)
}
