// What all components draw with. It stands before each one's own script, whose DRAWINGS the icons are taken from.

const LEAVING = 6000 // that a conversation which was chosen may take to open

function make(tag, className, ...children) {
  const node = document.createElement(tag)
  if (className) node.className = className
  node.append(...children.filter(child => child !== null && child !== undefined && child !== false && child !== ""))
  return node
}

// On a phone the menu lies over the page, and Streamlit leaves it open: whoever has chosen a page wants to see it.
function foldMenu() {
  if (!matchMedia("(max-width: 768px)").matches) return
  document.querySelector('[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button')?.click()
}

// Streamlit may take an older run for the newest one and call that one's cleanup, or call one while the component stays:
// whether it is gone, the page says. `end` may be called more than once.
function whenGone(state, end, wait = 0) {
  setTimeout(() => { if (!state.root.isConnected) end(state) }, wait)
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("class", "icon")
  svg.setAttribute("aria-hidden", "true")
  for (const [tag, attributes] of DRAWINGS[name] ?? DRAWINGS.other ?? []) {
    const shape = document.createElementNS(svg.namespaceURI, tag)
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, String(value))
    svg.append(shape)
  }
  return svg
}

const titled = (node, title) => { node.title = title; return node }
const said = text => make("span", "said", text)
const setText = (node, text) => { if (node.textContent !== text) node.textContent = text }
