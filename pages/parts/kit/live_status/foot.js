// @ts-check
// The line at the foot of the sidebar, and what follows from the same news: the sidebar's count and the page's title.

import { removeEarlierRoot, repeat, startOnce, stateOf } from "../../streamlit/component_life.js"
import { make, setText } from "../dom.js"
import { begin, current, watch } from "../live/connection.js"
import { footLine, titleWith, waitingMark } from "../live/status_words.js"

const TICK_MS = 1000
const MESSAGES_LINK = '[data-testid="stSidebarNavLink"][href$="/messages"]'

/** @typedef {{ root: HTMLElement, line: HTMLElement, words: HTMLElement, life: AbortController | null, trigger: (name: string, value: unknown) => void, retries: boolean }} State */

/** @type {WeakMap<Element, State>} */
const instances = new WeakMap()

/** @param {Element} parentElement
 * @returns {State} */
function build(parentElement) {
  removeEarlierRoot(parentElement)
  const words = make("span", { role: "status" })
  const line = make("p", "line", make("span", { class: "dot", "aria-hidden": "true" }), words)
  const root = make("div", "root", line)
  parentElement.append(root)
  return { root, line, words, life: null, trigger: () => {}, retries: false }
}

/** @param {State} state */
function draw(state) {
  const { kind, words } = footLine(current(), performance.now())
  if (state.line.className !== `line ${kind}`) state.line.className = `line ${kind}`
  // A screen reader says what is wrong, not every second that passes.
  state.words.setAttribute("aria-live", kind === "ok" ? "off" : "polite")
  setText(state.words, words)
  state.line.title = words
  showCount(current().status?.waiting_count ?? 0)
}

/** @param {number} count */
function showCount(count) {
  const link = document.querySelector(MESSAGES_LINK)
  if (link instanceof HTMLElement && link.dataset.waiting !== waitingMark(count)) link.dataset.waiting = waitingMark(count)
  const title = titleWith(document.title, count)
  if (document.title !== title) document.title = title
}

/** The page could not be drawn without the database: once it answers again, the script is asked to try again.
 * @param {State} state */
function retry(state) {
  const { isLive, status } = current()
  if (!state.retries || !isLive || status?.database) return
  state.retries = false
  state.trigger("again", Date.now())
}

/** @param {State} state
 * @param {AbortSignal} signal */
function start(state, signal) {
  const changed = () => { draw(state); retry(state) }
  watch(changed, signal)
  repeat(() => draw(state), TICK_MS, signal)
  // Streamlit sets the title at every run.
  const titles = new MutationObserver(() => draw(state))
  titles.observe(document.head, { childList: true, subtree: true, characterData: true })
  signal.addEventListener("abort", () => titles.disconnect())
}

/** @param {{ data: any, parentElement: Element, setTriggerValue: State["trigger"] }} component */
export default function ({ data, parentElement, setTriggerValue }) {
  const state = stateOf(instances, parentElement, build)
  Object.assign(state, { trigger: setTriggerValue, retries: data.retries })
  begin(data.status, data.now)
  const cleanUp = startOnce(state, start)
  draw(state)
  retry(state)
  return cleanUp
}
