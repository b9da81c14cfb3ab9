// @ts-check
// Run again at every rerun; the sidebar is listened to once.

const BACK_BUTTONS = ".st-key-all-patients button, .st-key-back button"
const OPEN_SCREEN_LINK = '[data-testid="stSidebarNavLink"][aria-current="page"]'
const COLLAPSE_BUTTON = '[data-testid="stSidebarCollapseButton"] button'
const OVER_THE_PAGE = "(max-width: 768px)" // there Streamlit closes the sidebar when another screen is chosen

/** @param {ParentNode} parent
 * @param {string} selector
 * @returns {HTMLElement | null} */
const find = (parent, selector) => parent.querySelector(selector)

export default () => {
  const sidebar = find(document, '[data-testid="stSidebar"]')
  if (!sidebar || "leadsBack" in sidebar.dataset) return
  sidebar.dataset.leadsBack = ""
  sidebar.addEventListener("click", event => {
    const back = find(document, BACK_BUTTONS)
    const isLink = event.target instanceof Element && event.target.closest(OPEN_SCREEN_LINK)
    if (!isLink || !back?.checkVisibility()) return
    back.click()
    // After Streamlit, which on a phone closes the sidebar by itself and would open one that is closed already.
    if (matchMedia(OVER_THE_PAGE).matches) setTimeout(() => find(sidebar, COLLAPSE_BUTTON)?.click())
  })
}
