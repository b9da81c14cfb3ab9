// @ts-check
// Lines and links are drawn anew when they differ; their times move by themselves.

import { closeMenuOnPhone, removeEarlierRoot, repeat, startOnce, stateOf } from "../../streamlit/component_life.js"
import { make, setText } from "../../kit/dom.js"
import { duration } from "../../kit/durations.js"
import { icon } from "../../kit/icons.js"
import { Feed } from "../../kit/live/feed.js"
import { MINUTE } from "../../kit/live/topics.js"

const TOPICS = ["conversations", "leads", "settings", MINUTE]
const TICK_MS = 10000
const TIMES = {
  waits: passed => `for ${duration(passed)}`,
  left: passed => `${duration(-passed)} left`,
  ago: passed => `${duration(passed)} ago`,
}

const instances = new WeakMap()

function build(parentElement) {
  closeMenuOnPhone()
  removeEarlierRoot(parentElement)
  const state = { root: make("div", "root"), data: null, drawn: "", heardAt: 0, life: null }
  state.feed = new Feed(lines => update(state, lines))
  parentElement.append(state.root)
  return state
}

// A plain click stays in this page; with Ctrl, or by the middle button, a browser opens the address by itself.
function anchor(state, link, ...children) {
  const node = make("a", { class: "link", href: link.href }, ...children)
  node.onclick = event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    state.trigger("go", { screen: link.screen, query: link.query, at: Date.now() })
  }
  return node
}

function drawPerson(state, { link, at, how }) {
  const name = make("span", { dir: "auto" }, link.label)
  const time = make("time", { datetime: at })
  time.dataset.how = how
  return make("li", "person", anchor(state, link, name, " · ", time))
}

function drawLine(state, line) {
  const label = line.label && make("strong", "", line.label)
  const head = line.link ? anchor(state, line.link, icon(line.icon), label || line.link.label) : make("span", "label", icon(line.icon), label)
  const rest = line.rest > 0 && make("li", "note", `and ${line.rest.toLocaleString("en-GB")} more`)
  const people = line.people.length > 0 && make("ul", "people", ...line.people.map(person => drawPerson(state, person)), rest)
  return make("div", "line", make("div", "head", head), people, line.note && make("span", "note", line.note))
}

function drawAll(state) {
  const { troubles, mend, connect, lines } = state.data
  const nodes = [
    ...troubles.map(sentence => make("p", "box bad", icon("warning"), make("span", "", sentence))),
    troubles.length > 0 && drawLine(state, mend),
    connect && make("p", "box", make("span", "", "No account is connected yet.")),
    connect && drawLine(state, connect),
    lines.length === 0 && make("p", "box good", icon("tick"), make("span", "", "Nobody waits for you.")),
    lines.length > 0 && make("div", "lines", ...lines.map(line => drawLine(state, line))),
  ]
  state.root.replaceChildren(...nodes.filter(Boolean))
}

function tick(state) {
  const now = Date.parse(state.data.read_at) + performance.now() - state.heardAt
  for (const time of state.root.querySelectorAll("time")) setText(time, TIMES[time.dataset.how](now - Date.parse(time.dateTime)))
}

function update(state, data) {
  Object.assign(state, { data, heardAt: performance.now() })
  const { troubles, mend, connect, lines } = data
  const drawn = JSON.stringify([troubles, mend, connect, lines])
  if (drawn !== state.drawn) keepFocus(state, () => drawAll(state))
  state.drawn = drawn
  tick(state)
}

function keepFocus(state, draw) {
  const { activeElement } = state.root.getRootNode()
  const href = activeElement?.getAttribute("href")
  draw()
  if (href) state.root.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true })
}

function begin(state, signal) {
  state.feed.start(signal)
  repeat(() => tick(state), TICK_MS, signal)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const state = stateOf(instances, parentElement, build)
  state.trigger = setTriggerValue
  if (state.feed.show({ address: data.address, topics: TOPICS, readAt: data.read_at })) update(state, data)
  return startOnce(state, begin)
}
