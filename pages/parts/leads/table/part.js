// Inlined by Streamlit and run again at every rerun: a row is drawn anew only when it differs.

const instances = new WeakMap()
const COLUMNS = [["name", "Name"], ["phone", "Phone"], ["email", "Email"], ["stage", "Stage"], ["source", "Source"], ["tags", "Tags"],
  ["created", "Added"], ["contacted", "Last contact"]]
const ROOM = 20 // letters
const ACTIONS = [["edit", "Edit"], ["message", "Message"], ["lead-touches", "Touches"], ["convert", "Convert to patient"], ["delete", "Delete"]]
const DRAWINGS = {
  edit: [["path", { d: "M10.8 2.6l2.6 2.6L5.6 13 2.4 13.6 3 10.4z" }], ["path", { d: "M9.4 4l2.6 2.6" }]],
  message: [["path", { d: "M2.5 3.5h11v7.5H7l-3 2.5V11H2.5z" }]],
  "lead-touches": [["path", { d: "M4.4 2.4l1.9 3.1-1.3 1.3a8.6 8.6 0 0 0 4.2 4.2l1.3-1.3 3.1 1.9-.9 2.1c-5.6.4-10.7-4.7-10.4-10.4z" }]],
  convert: [["path", { d: "M8 1.9a6.1 6.1 0 1 0 0 12.2A6.1 6.1 0 0 0 8 1.9z" }], ["path", { d: "M5.2 8.2l2 2 3.7-4" }]],
  delete: [["path", { d: "M2.8 4.4h10.4M6.2 4.2V2.6h3.6v1.6M4.2 4.6l.6 8.8h6.4l.6-8.8M6.8 7v4M9.2 7v4" }]],
  clock: [["path", { d: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2z" }], ["path", { d: "M8 4.8V8l2.2 1.5" }]],
}

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
  const open = make("button", "name", isolated(row.name || "No name"))
  open.type = "button"
  open.title = row.name
  open.onclick = () => act(state, "edit", row.id)
  const head = make("th", "name-cell", open)
  head.scope = "row"
  return head
}

function valueCells(row) {
  const stage = make("span", `stage ${row.stage}`, make("span", "dot"), row.stage_label)
  const contact = make("span", row.uncontacted ? "contact missing" : "contact", row.uncontacted && icon("clock"), row.contacted)
  const cells = {
    phone: isolated(row.phone), email: titled(isolated(row.email), row.email), stage, source: row.source, tags: titled(make("span", "tags", ...tagsOf(row.tags)), row.tags.join(", ")),
    created: titled(make("span", "", row.created), row.created_title), contacted: titled(contact, row.contacted_title),
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
    const button = titled(make("button", `action ${what}`, icon(what)), label)
    button.disabled = what === "convert" && row.converted // and unseen: the others keep their places
    button.type = "button"
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
  state.trigger("tick", { on: picked(true), off: picked(false), round: state.round, turn: state.turn })
}

// What was ticked while an older run was on its way stays ticked, and is told again in case a newer word overtook it.
function hear(state, { ids, round, turn }) {
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
  foldMenu()
  parentElement.querySelector(":scope > .root")?.remove()
  const state = { rows: new Map(), chosen: new Set(), unheard: new Map(), round: 0, turn: 0, headers: new Map() }
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
    const button = make("button", "sort", label, arrow)
    button.type = "button"
    button.onclick = () => state.trigger("sort", { by: name })
    const cell = make("th", `${name}`, button)
    cell.scope = "col"
    state.headers.set(name, cell)
    line.append(cell)
  }
  const last = make("th", "actions", make("span", "said", "Actions"))
  last.scope = "col"
  line.append(last)
  return line
}

function update(state, data) {
  state.data = data
  state.root.classList.toggle("reading", !data.canEdit)
  for (const [name, cell] of state.headers) {
    const way = name === data.sort ? (data.descending ? "descending" : "ascending") : "none"
    cell.setAttribute("aria-sort", way)
    cell.querySelector(".arrow").textContent = { ascending: "↑", descending: "↓", none: "" }[way]
  }
  hear(state, data.chosen)
  const ids = new Set(data.rows.map(row => row.id))
  for (const [id, entry] of state.rows) if (!ids.has(id)) { entry.node.remove(); state.rows.delete(id) }
  data.rows.forEach((row, index) => place(state, row, index))
  mark(state)
}

function place(state, row, index) {
  const written = JSON.stringify([row, state.data.canEdit])
  let entry = state.rows.get(row.id)
  if (!entry || entry.written !== written) {
    const node = drawRow(state, row)
    entry?.node.replaceWith(node)
    state.rows.set(row.id, entry = { node, written })
  }
  const there = state.body.children[index]
  if (there !== entry.node) state.body.insertBefore(entry.node, there ?? null)
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

export default function ({ data, parentElement, setTriggerValue }) {
  let state = instances.get(parentElement)
  if (!state) instances.set(parentElement, state = build(parentElement))
  state.trigger = setTriggerValue
  update(state, data)
}
