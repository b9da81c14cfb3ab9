// @ts-check
// How a component begins and ends in Streamlit's page.

/**
 * Calls `end` when the component has left the page; possibly more than once. Streamlit may take an older run for the
 * newest one and call that one's cleanup, or call a cleanup while the component stays: only the page knows.
 * @template {{ root: Element }} State
 * @param {State} state
 * @param {(state: State) => void} end
 * @param {number} [delayMs]
 */
export function afterRemoval(state, end, delayMs = 0) {
  setTimeout(() => {
    if (!state.root.isConnected) end(state)
  }, delayMs)
}

/**
 * The state of the component that stands in this place of the page. It is built at the first drawing.
 * @template State
 * @param {WeakMap<any, State>} instances
 * @param {Element} parentElement
 * @param {(parentElement: Element) => State} build
 * @returns {State}
 */
export function stateOf(instances, parentElement, build) {
  const state = instances.get(parentElement) ?? build(parentElement)
  instances.set(parentElement, state)
  return state
}

/**
 * Calls `start` unless the component has been started. Returns the cleanup for Streamlit: once the component has left the
 * page, it aborts the signal that `start` was given, and calls `end`.
 * @template {{ root: Element, life: AbortController | null }} State
 * @param {State} state
 * @param {(state: State, signal: AbortSignal) => void} start
 * @param {(state: State) => void} [end]
 */
export function startOnce(state, start, end = () => {}) {
  if (!state.life) {
    state.life = new AbortController()
    start(state, state.life.signal)
  }
  return () => afterRemoval(state, () => {
    state.life?.abort()
    state.life = null
    end(state)
  })
}

/** Does the work again and again, until the signal is aborted.
 * @param {() => void} work
 * @param {number} everyMs
 * @param {AbortSignal} signal */
export function repeat(work, everyMs, signal) {
  const timer = setInterval(work, everyMs)
  signal.addEventListener("abort", () => clearInterval(timer))
}

/** What an earlier instance has drawn into the same place.
 * @param {ParentNode} parentElement */
export function removeEarlierRoot(parentElement) {
  parentElement.querySelector(":scope > .root")?.remove()
}

const PHONE = "(max-width: 768px)"
const COLLAPSE = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button'

/** On a phone the menu lies over the page, and Streamlit leaves it open: whoever has chosen a page wants to see it. */
export function closeMenuOnPhone() {
  if (!matchMedia(PHONE).matches) return
  const collapse = document.querySelector(COLLAPSE)
  if (collapse instanceof HTMLElement) collapse.click()
}
