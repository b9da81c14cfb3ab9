// What all components draw with. It stands before each one's own script, whose DRAWINGS the icons are taken from.

const LEAVING = 6000 // that a conversation which was chosen may take to open

// The icons that `Channel.icon` names.
const CHANNEL_DRAWINGS = {
  whatsapp: [["path", { d: "M2.3 13.7l.9-3.2a5.6 5.6 0 1 1 2.2 2.2z" }],
    ["path", { d: "M6.1 5.4c.3 2.2 1.6 3.6 3.9 4l.9-1-1.5-.9-.7.5c-.7-.4-1-.8-1.3-1.5l.5-.6-.7-1.5z", fill: "currentColor", stroke: "none" }]],
  instagram: [["rect", { x: 2.2, y: 2.2, width: 11.6, height: 11.6, rx: 3.4 }], ["circle", { cx: 8, cy: 8, r: 2.7 }],
    ["circle", { cx: 11.3, cy: 4.7, r: .5, fill: "currentColor" }]],
}

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
  for (const [tag, attributes] of DRAWINGS[name] ?? CHANNEL_DRAWINGS[name] ?? DRAWINGS.other ?? []) {
    const shape = document.createElementNS(svg.namespaceURI, tag)
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, String(value))
    svg.append(shape)
  }
  return svg
}

const titled = (node, title) => { node.title = title; return node }
const said = text => make("span", "said", text)
const setText = (node, text) => { if (node.textContent !== text) node.textContent = text }
