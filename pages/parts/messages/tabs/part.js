// @ts-check
// Active and closed chats. Their counts belong to the list's rows and come with them.

import { removeEarlierRoot, startOnce, stateOf } from "../../streamlit/component_life.js"
import { make, makeButton, setText } from "../../kit/dom.js"
import { onCounts } from "../inbox_counts.js"

/** @type {[string, string][]} */
const TABS = [["active", "Active chats"], ["closed", "Closed chats"]]
const CHOICE_TIMEOUT_MS = 5000 // how long a tab that was pressed stays marked while its list loads

const instances = new WeakMap()

function build(parentElement) {
  removeEarlierRoot(parentElement)
  const state = { tabs: new Map(), tab: "active", chosen: null, readAt: "", life: null }
  state.root = make("div", { class: "root", role: "radiogroup", "aria-label": "Chats" })
  for (const [name, label] of TABS) {
    const count = make("span", "count")
    const node = makeButton({ class: "tab", role: "radio" }, `${label} `, count)
    node.onclick = () => choose(state, name)
    node.onkeydown = event => walk(state, event)
    state.tabs.set(name, { node, count })
    state.root.append(node)
  }
  parentElement.append(state.root)
  return state
}

/** Of rows that were read earlier than what is shown, the counts are too late. */
function showCounts(state, { active, closed, read_at: readAt }) {
  if (readAt < state.readAt) return
  state.readAt = readAt
  setText(state.tabs.get("active").count, active.toLocaleString("en-GB"))
  setText(state.tabs.get("closed").count, closed.toLocaleString("en-GB"))
}

function paint(state) {
  const current = state.chosen ?? state.tab
  for (const [name, { node }] of state.tabs) {
    node.setAttribute("aria-checked", String(name === current))
    node.tabIndex = name === current ? 0 : -1
  }
}

function choose(state, name) {
  if (name === (state.chosen ?? state.tab)) return
  state.chosen = name
  clearTimeout(state.timer)
  state.timer = setTimeout(() => { state.chosen = null; paint(state) }, CHOICE_TIMEOUT_MS)
  paint(state)
  state.trigger("choose", { tab: name, at: Date.now() })
}

function walk(state, event) {
  if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(event.key)) return
  event.preventDefault()
  event.stopPropagation()
  const other = [...state.tabs.keys()].find(name => name !== (state.chosen ?? state.tab))
  state.tabs.get(other).node.focus()
  choose(state, other)
}

function begin(state, signal) {
  onCounts(counts => showCounts(state, counts), signal)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const state = stateOf(instances, parentElement, build)
  state.trigger = setTriggerValue
  if (data.tab === state.chosen || data.tab !== state.tab) state.chosen = null
  state.tab = data.tab
  showCounts(state, data)
  paint(state)
  return startOnce(state, begin)
}
