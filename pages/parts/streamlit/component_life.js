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
