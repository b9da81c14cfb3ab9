// Run again at every rerun; the sidebar is listened to once.

const WAYS_BACK = ".st-key-all-patients button, .st-key-back button"
const SHUT = '[data-testid="stSidebarCollapseButton"] button'
const OVER_THE_PAGE = "(max-width: 768px)" // there Streamlit shuts the sidebar when another screen is chosen

export default () => {
  const sidebar = document.querySelector('[data-testid="stSidebar"]')
  if (!sidebar || "leadsBack" in sidebar.dataset) return
  sidebar.dataset.leadsBack = ""
  sidebar.addEventListener("click", event => {
    const back = document.querySelector(WAYS_BACK)
    if (!event.target.closest('[data-testid="stSidebarNavLink"][aria-current="page"]') || !back?.checkVisibility()) return
    back.click()
    // Behind Streamlit, which on a phone shuts it by itself, and would open one that we have shut.
    if (matchMedia(OVER_THE_PAGE).matches) setTimeout(() => sidebar.querySelector(SHUT)?.click())
  })
}
