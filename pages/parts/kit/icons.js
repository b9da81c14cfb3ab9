// @ts-check
// All icons, drawn in a square of 16 by 16. Names of channels, statuses, priorities, lead sources and file kinds are the server's.

/** @typedef {[string, Record<string, string | number>]} Shape */

/** @type {Shape[]} */
const WARNING = [["path", { d: "M8 2.2l6.2 11.1H1.8z" }], ["path", { d: "M8 6.4v3.2M8 11.4v.2" }]]
/** @type {Shape[]} */
const TICK = [["path", { d: "M3.4 8.4l3 3 6.2-6.4" }]]
/** @type {Shape[]} */
const ROBOT = [
  ["rect", { x: 2.5, y: 5, width: 11, height: 8, rx: 2.2 }],
  ["path", { d: "M8 5V2.6M1 8.2v2M15 8.2v2M6.2 10.8h3.6" }],
  ["circle", { cx: 5.8, cy: 8.2, r: 0.7, fill: "currentColor" }],
  ["circle", { cx: 10.2, cy: 8.2, r: 0.7, fill: "currentColor" }],
  ["circle", { cx: 8, cy: 2.2, r: 0.7, fill: "currentColor" }],
]

/** @type {Shape[]} */
const STAFF = [["path", { d: "M2.2 3h11.6v8H7.2L4 13.6V11H2.2z" }], ["path", { d: "M5 6h6M5 8.4h4" }]]

/** @type {Record<string, Shape[]>} */
const ICONS = {
  // Channels, by the name that `Channel.icon` gives, and lead sources
  whatsapp: [
    ["path", { d: "M2.3 13.7l.9-3.2a5.6 5.6 0 1 1 2.2 2.2z" }],
    ["path", { d: "M6.1 5.4c.3 2.2 1.6 3.6 3.9 4l.9-1-1.5-.9-.7.5c-.7-.4-1-.8-1.3-1.5l.5-.6-.7-1.5z", fill: "currentColor", stroke: "none" }],
  ],
  instagram: [
    ["rect", { x: 2.2, y: 2.2, width: 11.6, height: 11.6, rx: 3.4 }],
    ["circle", { cx: 8, cy: 8, r: 2.7 }],
    ["circle", { cx: 11.3, cy: 4.7, r: 0.5, fill: "currentColor" }],
  ],
  website: [["circle", { cx: 8, cy: 8, r: 5.8 }], ["path", { d: "M2.4 8h11.2M8 2.2c4 3.6 4 8 0 11.6M8 2.2c-4 3.6-4 8 0 11.6" }]],
  referral: [["circle", { cx: 6, cy: 5.4, r: 2.6 }], ["path", { d: "M1.6 13.4c.3-3 2-4.4 4.4-4.4s4.1 1.4 4.4 4.4M12.2 5v4.4M10 7.2h4.4" }]],
  unknownChannel: [["path", { d: "M2.5 3.5h11v7.5H7l-3 2.5V11H2.5z" }]],

  // Authors
  patient: [["circle", { cx: 8, cy: 5.4, r: 2.7 }], ["path", { d: "M2.8 13.6c.6-2.8 2.6-4.2 5.2-4.2s4.6 1.4 5.2 4.2" }]],
  staff: STAFF,
  other_tool: STAFF,
  provider_app: STAFF,
  ai: ROBOT,
  automatic: ROBOT,

  // Status and priority of a conversation
  active: [["circle", { cx: 8, cy: 8, r: 4.2, fill: "currentColor", stroke: "none" }]],
  pending: [["circle", { cx: 8, cy: 8, r: 3.8 }], ["path", { d: "M8 4.2a3.8 3.8 0 0 1 0 7.6z", fill: "currentColor", stroke: "none" }]],
  resolved: TICK,
  high: [["path", { d: "M3.5 14V2.5h8.6L10 5.6l2.1 3.1H3.5", fill: "currentColor" }]],
  medium: [["path", { d: "M3 6.2h10M3 9.8h10" }]],
  low: [["path", { d: "M8 3v10M3.8 8.8L8 13l4.2-4.2" }]],

  // What became of a message
  clock: [["circle", { cx: 8, cy: 8, r: 5.8 }], ["path", { d: "M8 4.8V8l2.2 1.5" }]],
  tick: TICK,
  doubleTick: [["path", { d: "M.8 8.6l2.9 2.9 6-6.2M7 10.7l.8.8 6.2-6.2" }]],
  error: [["circle", { cx: 8, cy: 8, r: 5.8 }], ["path", { d: "M8 4.9v3.6M8 10.9v.1" }]],
  unsure: [["circle", { cx: 8, cy: 8, r: 5.8 }], ["path", { d: "M6.2 6.4c.2-2.3 3.7-2.1 3.6.1 0 1.4-1.7 1.4-1.8 2.7M8 11.2v.1" }]],
  warning: WARNING,
  hourglass: [["path", { d: "M4 2h8M4 14h8M5 2v2.4L8 8l3-3.6V2M5 14v-2.4L8 8l3 3.6V14" }]],

  // Files
  file: [["path", { d: "M4 1.8h5l3.2 3.2v9.2H4zM9 1.8V5h3.2" }]],
  image: [
    ["rect", { x: 2, y: 3, width: 12, height: 10, rx: 1.6 }],
    ["path", { d: "M2.4 11.6l3.4-3.4 2.6 2.4 2-1.8 3.2 3" }],
    ["circle", { cx: 10.6, cy: 6, r: 1 }],
  ],
  audio: [["path", { d: "M2.5 6.5v3M5.2 4.4v7.2M8 2.6v10.8M10.8 5v6M13.5 6.8v2.4" }]],
  video: [["rect", { x: 1.8, y: 4, width: 8.6, height: 8, rx: 1.6 }], ["path", { d: "M10.4 7.2l3.8-2.2v6l-3.8-2.2" }]],

  // Actions
  left: [["path", { d: "M10.4 3L4.2 8l6.2 5z", fill: "currentColor" }]],
  right: [["path", { d: "M5.6 3l6.2 5-6.2 5z", fill: "currentColor" }]],
  edit: [["path", { d: "M2.6 13.4l.7-3L10.6 3.1l2.3 2.3-7.3 7.3z" }], ["path", { d: "M9.3 4.4l2.3 2.3" }]],
  message: [["path", { d: "M2.2 3h11.6v8H7.2L4.2 13.6V11h-2z" }]],
  talks: [["path", { d: "M2.2 3h11.6v8H7.2L4.2 13.6V11h-2z", fill: "currentColor" }]],
  touches: [["path", { d: "M4.4 2.4l1.9 3.1-1.3 1.3a8.6 8.6 0 0 0 4.2 4.2l1.3-1.3 3.1 1.9-.9 2.1c-5.6.4-10.7-4.7-10.4-10.4z" }]],
  convert: [["rect", { x: 2.3, y: 2.3, width: 11.4, height: 11.4, rx: 2.6 }], ["path", { d: "M5 8.2l2.2 2.2L11.2 6" }]],
  delete: [["path", { d: "M2.6 4.3h10.8M6.2 4.2V2.5h3.6v1.7M4 4.4l.7 9.1h6.6l.7-9.1M6.8 7v4M9.2 7v4" }]],
  close: [["path", { d: "M4 4l8 8M12 4l-8 8" }]],
  smile: [["circle", { cx: 8, cy: 8, r: 6 }], ["path", { d: "M5.4 9.6c1.2 1.8 4 1.8 5.2 0M6 6.3v.2M10 6.3v.2" }]],
  bolt: [["path", { d: "M8.8 1.8L3.4 9h4l-.4 5.2L12.6 7h-4z" }]],
  lock: [["rect", { x: 3, y: 7, width: 10, height: 7, rx: 1.6 }], ["path", { d: "M5 7V5a3 3 0 0 1 6 0v2" }]],
}

/**
 * @param {string} name
 * @param {string} [otherwise] drawn where there is no icon of that name
 */
export function icon(name, otherwise = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("class", "icon")
  svg.setAttribute("aria-hidden", "true")
  for (const [tag, attributes] of ICONS[name] ?? ICONS[otherwise] ?? []) {
    const shape = document.createElementNS(svg.namespaceURI, tag)
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, String(value))
    svg.append(shape)
  }
  return svg
}
