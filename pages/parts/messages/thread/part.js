// Inlined by Streamlit and run again at every rerun: bubbles are matched by id and patched part by part,
// so that a playing voice message, a selection and the place being read survive.

const instances = new WeakMap()
const FOLD_LETTERS = 2000
const FOLD_LINES = 40
const MOST_LINKS = 200
const PATIENCE = 8000
const PALING = 600
const SETTLING = 600

const DRAWINGS = {
  patient: [["circle", { cx: 8, cy: 5.4, r: 2.7 }], ["path", { d: "M2.8 13.6c.6-2.8 2.6-4.2 5.2-4.2s4.6 1.4 5.2 4.2" }]],
  staff: [["path", { d: "M2.2 3h11.6v8H7.2L4 13.6V11H2.2z" }], ["path", { d: "M5 6h6M5 8.4h4" }]],
  ai: [["rect", { x: 2.5, y: 5, width: 11, height: 8, rx: 2.2 }], ["path", { d: "M8 5V2.6M1 8.2v2M15 8.2v2M6.2 10.8h3.6" }],
    ["circle", { cx: 5.8, cy: 8.2, r: .7, fill: "currentColor" }], ["circle", { cx: 10.2, cy: 8.2, r: .7, fill: "currentColor" }]],
  clock: [["circle", { cx: 8, cy: 8, r: 5.4 }], ["path", { d: "M8 5V8l2 1.4" }]],
  one: [["path", { d: "M3.4 8.4l3 3 6.2-6.4" }]],
  two: [["path", { d: "M.8 8.6l2.9 2.9 6-6.2M7 10.7l.8.8 6.2-6.2" }]],
  failed: [["circle", { cx: 8, cy: 8, r: 5.8 }], ["path", { d: "M8 4.9v3.6M8 10.9v.1" }]],
  unsure: [["circle", { cx: 8, cy: 8, r: 5.8 }], ["path", { d: "M6.2 6.4c.2-2.3 3.7-2.1 3.6.1 0 1.4-1.7 1.4-1.8 2.7M8 11.2v.1" }]],
  file: [["path", { d: "M4 1.8h5l3.2 3.2v9.2H4zM9 1.8V5h3.2" }]],
  image: [["rect", { x: 2, y: 3, width: 12, height: 10, rx: 1.6 }], ["path", { d: "M2.4 11.6l3.4-3.4 2.6 2.4 2-1.8 3.2 3" }], ["circle", { cx: 10.6, cy: 6, r: 1 }]],
  audio: [["path", { d: "M2.5 6.5v3M5.2 4.4v7.2M8 2.6v10.8M10.8 5v6M13.5 6.8v2.4" }]],
  video: [["rect", { x: 1.8, y: 4, width: 8.6, height: 8, rx: 1.6 }], ["path", { d: "M10.4 7.2l3.8-2.2v6l-3.8-2.2" }]],
  close: [["path", { d: "M3.5 3.5l9 9M12.5 3.5l-9 9" }]],
}
DRAWINGS.other = DRAWINGS.file
DRAWINGS.other_tool = DRAWINGS.provider_app = DRAWINGS.staff
DRAWINGS.automatic = DRAWINGS.ai

const DELIVERIES = {
  queued: ["clock", "Waiting to be sent"], sending: ["clock", "Sending"], sent: ["one", "Sent"], delivered: ["two", "Delivered"],
  read: ["two", "Read"], failed: ["failed", "Not sent"], unconfirmed: ["unsure", "Not confirmed"],
}

function button(className, onclick, ...children) {
  const node = make("button", className, ...children)
  node.type = "button"
  node.onclick = onclick
  return node
}

// Only what the server stores itself or serves over http may be opened.
function safe(url) {
  try { return ["http:", "https:"].includes(new URL(url, location.href).protocol) ? url : null } catch { return null }
}

// Text -----------------------------------------------------------------------------------------

function folded(text) {
  let end = Math.min(text.length, FOLD_LETTERS)
  for (let line = 0, at = -1; line < FOLD_LINES; line += 1) {
    at = text.indexOf("\n", at + 1)
    if (at < 0 || at >= end) break
    if (line === FOLD_LINES - 1) end = at
  }
  if (end >= text.length) return text
  const split = text.charCodeAt(end - 1)
  return text.slice(0, split >= 0xd800 && split < 0xdc00 ? end - 1 : end)
}

function linked(text) {
  const pieces = []
  let done = 0
  for (const found of text.matchAll(/https?:\/\/[^\s<>"'“”‘’]+/giu)) {
    if (pieces.length > MOST_LINKS * 2) break
    const address = found[0].replace(/[.,;:!?…)\]}]+$/u, "")
    if (!safe(address)) continue
    pieces.push(text.slice(done, found.index), link(address))
    done = found.index + address.length
  }
  pieces.push(text.slice(done))
  return pieces
}

function link(address) {
  const node = titled(make("a", "link", address), address)
  node.href = address
  node.target = "_blank"
  node.rel = "noopener noreferrer"
  return node
}

function drawText(state, bubble) {
  if (!bubble.text) return []
  const short = state.unfolded.has(bubble.id) ? bubble.text : folded(bubble.text)
  const cut = short.length < bubble.text.length
  const text = make("div", "text", ...linked(short), cut && "…")
  text.dir = "auto"
  return [text, cut && button("quiet", () => unfold(state, bubble), `Show all (${bubble.text.length.toLocaleString("en-GB")} characters)`)].filter(Boolean)
}

function unfold(state, bubble) {
  const entry = state.entries.get(bubble.id)
  state.unfolded.add(bubble.id)
  entry.words.replaceChildren(...drawText(state, bubble))
  entry.words.tabIndex = -1
  entry.words.focus({ preventScroll: true })
}

// Files ----------------------------------------------------------------------------------------

function drawFile(state, file) {
  const url = file.url && safe(file.url)
  if (file.state !== "stored" || !url) return missing(state, file)
  if (file.kind === "image") return thumbnail(state, file, url)
  if (file.kind === "audio" || file.kind === "video") return player(file, url)
  return download(file, url)
}

function missing(state, file) {
  const failed = file.state === "failed"
  return make("div", `file ${failed ? "bad" : ""}`, icon(failed ? "failed" : file.kind),
    make("span", "about", make("span", "named", file.name), make("span", "size", failed ? file.problem ?? "This file could not be stored." : "Downloading…")),
    file.can_retry && once("quiet", "Fetching…", "Try again", () => state.trigger("refetch", { id: file.id })))
}

function thumbnail(state, file, url) {
  const image = make("img")
  Object.assign(image, { src: url, alt: file.name, loading: "lazy", decoding: "async" })
  const node = titled(button("thumb", () => enlarge(state, file, url), image), `${file.name} · ${file.size_text}`)
  node.setAttribute("aria-label", `Open image ${file.name}`)
  image.onerror = () => node.replaceWith(download(file, url))
  return node
}

function player(file, url) {
  const node = make(file.kind)
  Object.assign(node, { controls: true, preload: file.kind === "audio" ? "none" : "metadata", src: url })
  node.setAttribute("aria-label", file.name)
  return make("figure", `player ${file.kind}`, node, make("figcaption", "size", saved(file, url)))
}

function saved(file, url) {
  const node = make("a", "link", `${file.name} · ${file.size_text}`)
  Object.assign(node, { href: url, download: file.name })
  return node
}

function download(file, url) {
  const node = titled(make("a", "file", icon("file"), make("span", "about", make("span", "named", file.name), make("span", "size", file.size_text))), `Download ${file.name}`)
  Object.assign(node, { href: url, download: file.name })
  return node
}

function enlarge(state, file, url) {
  const image = make("img")
  Object.assign(image, { src: url, alt: file.name })
  const close = titled(button("round", () => state.lightbox.close(), icon("close"), said("Close")), "Close (Esc)")
  state.lightbox.replaceChildren(close, image, make("p", "", saved(file, url)))
  state.lightbox.setAttribute("aria-label", file.name)
  state.lightbox.onclick = event => { if (event.target === state.lightbox) state.lightbox.close() }
  state.lightbox.showModal()
}

// One bubble -----------------------------------------------------------------------------------

function newEntry(id) {
  const entry = { written: {} }
  for (const part of ["head", "words", "files", "meta", "below"]) entry[part] = make("div", part)
  entry.meta.setAttribute("aria-live", "off")
  entry.balloon = make("div", "balloon", entry.files, entry.words, entry.meta)
  entry.node = make("article", "bubble", entry.head, entry.balloon, entry.below)
  entry.node.dataset.id = String(id)
  return entry
}

function patch(entry, part, value, draw) {
  const written = JSON.stringify(value)
  if (entry.written[part] === written) return
  entry.written[part] = written
  const drawn = draw()
  entry[part].replaceChildren(...drawn)
  entry[part].hidden = drawn.length === 0
}

function drawBubble(state, entry, bubble, place) {
  const className = ["bubble", bubble.author, bubble.outbound ? "out" : "in", place.first && "first", place.last && "last", bubble.delivery].filter(Boolean).join(" ")
  if (entry.node.className !== className) entry.node.className = className
  patch(entry, "head", [place.first, bubble.author, bubble.name, bubble.ai_badge], () => place.first ? drawHead(bubble) : [said(`${bubble.name}: `)])
  patch(entry, "words", [bubble.text], () => drawText(state, bubble))
  patch(entry, "files", bubble.files, () => bubble.files.map(file => drawFile(state, file)))
  patch(entry, "meta", [bubble.at_text, bubble.at_full, bubble.delivery, place.newest], () => drawMeta(bubble, place.newest))
  patch(entry, "below", [bubble.delivery, bubble.problem, bubble.can_act, bubble.can_resend, bubble.settled, bubble.sent_again], () => drawBelow(state, bubble))
  entry.balloon.classList.toggle("wordless", !bubble.text)
}

function drawHead(bubble) {
  const name = make("span", "who", bubble.name)
  name.dir = "auto"
  return [icon(bubble.author), name, bubble.ai_badge && bubble.author !== "ai" && titled(make("span", "badge", icon("ai"), said("AI")), "Written by the AI")].filter(Boolean)
}

function drawMeta(bubble, newest) {
  const time = titled(make("time", "", bubble.at_text), bubble.at_full)
  if (!bubble.delivery) return [time]
  const [drawing, word] = DELIVERIES[bubble.delivery]
  const told = newest || !["sent", "delivered", "read"].includes(bubble.delivery)
  const tick = titled(make("span", `tick ${bubble.delivery}`, icon(drawing), told && make("span", "word", word)), word)
  tick.setAttribute("role", "img")
  tick.setAttribute("aria-label", word)
  return [time, tick]
}

function drawBelow(state, bubble) {
  const wrong = bubble.delivery === "failed"
  const sentence = bubble.problem && make("p", wrong ? "problem" : "problem unsure", icon(wrong ? "failed" : "unsure"), make("span", "", bubble.problem))
  const actions = [
    bubble.can_resend && once("button", "Sending again…", "Send again", () => state.trigger("retry", { id: bubble.id })),
    bubble.can_act && once("quiet", "Settling…", "Mark as settled", () => state.trigger("dismiss", { id: bubble.id })),
    bubble.can_act && !bubble.can_resend && make("span", "size", "It cannot be sent again now: the reason stands below the messages."),
    bubble.settled && make("span", "size", bubble.sent_again ? "Sent again below" : "Settled"),
  ].filter(Boolean)
  return [sentence, actions.length > 0 && make("div", "actions", ...actions)].filter(Boolean)
}

// A second press while the first is on its way does nothing; without an answer the button comes back.
function once(className, busy, label, press) {
  const node = button(className, () => {
    if (node.getAttribute("aria-disabled") === "true") return
    node.setAttribute("aria-disabled", "true")
    node.textContent = busy
    setTimeout(() => { node.removeAttribute("aria-disabled"); node.textContent = label }, PATIENCE)
    press()
  }, label)
  return node
}

// The whole thread -----------------------------------------------------------------------------

function build(parentElement) {
  parentElement.querySelector(":scope > .root")?.remove()
  const state = { entries: new Map(), days: new Map(), unfolded: new Set(), data: null, divider: null, pinned: true, missed: 0 }
  state.earlier = make("button", "button earlier")
  state.earlier.type = "button"
  state.above = make("p", "above")
  state.log = make("div", "log")
  state.log.setAttribute("role", "log")
  state.log.setAttribute("aria-relevant", "additions")
  state.nothing = make("p", "nothing")
  state.content = make("div", "content", state.above, state.earlier, state.nothing, state.log)
  state.scroller = make("div", "scroller", state.content)
  state.scroller.tabIndex = 0
  state.scroller.setAttribute("role", "region")
  state.pill = make("button", "pill")
  state.pill.type = "button"
  state.lightbox = make("dialog", "lightbox")
  state.mark = make("div", "divider", make("span", "", "New messages"))
  state.mark.setAttribute("role", "separator")
  state.mark.setAttribute("aria-label", "New messages")
  state.root = make("div", "root", state.scroller, state.pill, state.lightbox)
  parentElement.append(state.root)
  return state
}

function listen(state, trigger) {
  state.trigger = trigger
  state.scroller.onscroll = () => scrolled(state)
  state.earlier.onclick = () => askEarlier(state)
  state.pill.onclick = () => toNewest(state)
}

// Another conversation was chosen and is on its way: this one must not pass for it.
function leaveFor(state, id) {
  stay(state)
  if (id === state.data.conversation) return
  const pale = { duration: 100, delay: PALING, fill: "forwards" }
  state.paling = document.querySelector(".st-key-conversation-pane")?.animate({ opacity: [1, .4] }, pale)
  state.patience = setTimeout(() => stay(state), LEAVING)
}

function stay(state) {
  clearTimeout(state.patience)
  state.paling?.cancel()
}

function update(state, data) {
  const before = state.data
  const opened = before?.conversation !== data.conversation
  if (opened) stay(state)
  if (opened) forget(state)
  const anchor = opened ? null : findAnchor(state)
  const arrived = opened ? [] : data.bubbles.filter(bubble => !state.entries.has(bubble.id) && bubble.id > state.newest)
  settleEarlier(state, before, data, opened)
  state.data = data
  if (opened || state.holding) hush(state)
  chooseDivider(state, arrived)
  reconcile(state)
  showRest(state)
  if (opened) start(state)
  else follow(state, anchor, arrived)
  state.newest = Math.max(0, ...data.bubbles.map(bubble => bubble.id))
}

function forget(state) {
  state.entries.clear()
  state.days.clear()
  state.unfolded.clear()
  state.log.replaceChildren()
  state.divider = state.asked = null
  state.missed = state.lastTop = 0
  state.openedAt = performance.now()
  if (state.lightbox.open) state.lightbox.close()
}

// A screen reader reads what arrives, not a whole conversation at opening or at "Load earlier".
function hush(state) {
  state.log.setAttribute("aria-live", "off")
  setTimeout(() => state.log.setAttribute("aria-live", "polite"), 500)
}

function chooseDivider(state, arrived) {
  state.divider = state.data.first_unread ?? state.divider
  if (arrived.some(bubble => bubble.outbound && bubble.author !== "automatic")) state.divider = null
}

function reconcile(state) {
  const { bubbles } = state.data
  const ids = new Set(bubbles.map(bubble => bubble.id))
  for (const [id, entry] of state.entries) if (!ids.has(id)) { entry.node.remove(); state.entries.delete(id) }
  const newest = bubbles.findLast(bubble => bubble.outbound && bubble.delivery)?.id
  const sections = sectionsOf(bubbles)
  for (const [day, node] of state.days) if (!sections.some(section => section.day === day)) { node.remove(); state.days.delete(day) }
  sections.forEach((section, index) => drawDay(state, section, index, newest))
  if (!ids.has(state.divider)) state.mark.remove()
}

function sectionsOf(bubbles) {
  const sections = []
  for (const bubble of bubbles) {
    if (sections.at(-1)?.day !== bubble.day) sections.push({ day: bubble.day, bubbles: [] })
    sections.at(-1).bubbles.push(bubble)
  }
  return sections
}

function drawDay(state, section, index, newest) {
  const node = state.days.get(section.day) ?? newDay(state, section.day)
  put(state.log, node, index)
  const wanted = []
  section.bubbles.forEach((bubble, at) => {
    if (bubble.id === state.divider) wanted.push(state.mark)
    const entry = state.entries.get(bubble.id) ?? keep(state, bubble.id)
    const place = { first: !together(section.bubbles[at - 1], bubble) || bubble.id === state.divider, last: !together(bubble, section.bubbles[at + 1]), newest: bubble.id === newest }
    drawBubble(state, entry, bubble, place)
    wanted.push(entry.node)
  })
  wanted.forEach((child, at) => put(node, child, at + 1))
}

function keep(state, id) {
  const entry = newEntry(id)
  state.entries.set(id, entry)
  return entry
}

function newDay(state, day) {
  const label = make("h3", "day", make("span", "", day))
  const node = make("section", "", label)
  node.setAttribute("aria-label", day)
  state.days.set(day, node)
  return node
}

function put(parent, child, index) {
  const there = parent.children[index]
  if (there !== child) parent.insertBefore(child, there ?? null)
}

const together = (one, two) => Boolean(one && two && one.author === two.author && one.name === two.name && one.ai_badge === two.ai_badge && one.outbound === two.outbound)

function showRest(state) {
  const { earlier, unread_above, bubbles, patient_name, nothing } = state.data
  state.above.hidden = unread_above === 0
  state.above.textContent = unread_above === 1 ? "1 more new message above" : `${unread_above.toLocaleString("en-GB")} more new messages above`
  state.earlier.hidden = !earlier
  state.earlier.textContent = state.asked ? "Loading…" : "Load earlier"
  state.earlier.setAttribute("aria-disabled", String(Boolean(state.asked)))
  state.nothing.hidden = bubbles.length > 0
  state.nothing.textContent = nothing
  state.scroller.setAttribute("aria-label", `Messages with ${patient_name}`)
  state.log.setAttribute("aria-label", `Messages with ${patient_name}`)
}

// Keeping the place ----------------------------------------------------------------------------

const bottomOf = state => state.scroller.scrollHeight - state.scroller.clientHeight - state.scroller.scrollTop

function start(state) {
  if (state.mark.isConnected && state.divider !== null) {
    const into = state.mark.getBoundingClientRect().top - state.scroller.getBoundingClientRect().top
    state.scroller.scrollTop += into - 48
    state.lastTop = state.scroller.scrollTop
  } else if (state.data.unread_above) state.scroller.scrollTop = state.lastTop = 0
  else toNewest(state)
  state.pinned = bottomOf(state) < 24
  showPill(state)
}

function follow(state, anchor, arrived) {
  const mine = arrived.some(bubble => ["queued", "sending"].includes(bubble.delivery) && bubble.author === "staff")
  if (mine || (state.pinned && !state.holding)) toNewest(state)
  else {
    const moved = anchor && state.entries.has(anchor.id) ? offsetOf(state, anchor.id) - anchor.offset : 0
    if (moved) state.scroller.scrollTop += moved
    state.missed += arrived.length
  }
  state.holding = false
  state.pinned = bottomOf(state) < 24
  if (state.pinned) state.missed = 0
  showPill(state)
}

function findAnchor(state) {
  const top = state.scroller.getBoundingClientRect().top + 40
  for (const [id, { node }] of state.entries) if (node.getBoundingClientRect().bottom > top) return { id, offset: offsetOf(state, id) }
  return null
}

const offsetOf = (state, id) => state.entries.get(id).node.getBoundingClientRect().top - state.scroller.getBoundingClientRect().top

function toNewest(state) {
  state.scroller.scrollTop = state.scroller.scrollHeight
  state.lastTop = state.scroller.scrollTop
}

// Only a move upwards lets go of the newest message: a pane that shrinks or a picture that loads does not.
function scrolled(state) {
  const top = state.scroller.scrollTop
  if (bottomOf(state) < 24) state.pinned = true
  else if (top < state.lastTop - 1) state.pinned = false
  state.lastTop = top
  if (state.pinned) state.missed = 0
  showPill(state)
}

function showPill(state) {
  const far = bottomOf(state) > 400
  state.pill.hidden = state.missed === 0 && !far
  const words = state.missed === 0 ? "↓" : state.missed === 1 ? "New message ↓" : `${state.missed} new messages ↓`
  if (state.pill.textContent !== words) state.pill.textContent = words
  state.pill.setAttribute("aria-label", state.missed ? `${words.replace(" ↓", "")}. Go to the newest` : "Go to the newest message")
}

function askEarlier(state) {
  if (state.asked) return
  state.asked = { first: state.data.bubbles[0]?.id, at: performance.now() }
  state.holding = true
  state.openedAt = -SETTLING // from here on the place is the reader's
  showRest(state)
  setTimeout(() => { if (state.asked && performance.now() - state.asked.at > PATIENCE - 100) { state.asked = null; showRest(state) } }, PATIENCE)
  state.trigger("earlier", { before: state.asked.first ?? null })
}

function settleEarlier(state, before, data, opened) {
  if (!state.asked || opened) return
  const answered = data.bubbles[0]?.id !== state.asked.first || !data.earlier
  if (answered) state.asked = null
  state.holding = answered
}

// Pictures that load and a composer that grows must not push the newest message out of sight.
function watch(state) {
  if (state.watcher) return
  state.watcher = new ResizeObserver(() => resized(state))
  state.watcher.observe(state.scroller)
  state.watcher.observe(state.content)
  document.addEventListener("genko-open", state.onopen = event => leaveFor(state, event.detail))
}

function resized(state) {
  if (state.pinned) toNewest(state)
  else if (performance.now() - state.openedAt < SETTLING && state.lastTop === state.scroller.scrollTop) start(state)
  showPill(state)
}

function gone(state) {
  state.watcher?.disconnect()
  state.watcher = null
  document.removeEventListener("genko-open", state.onopen)
  stay(state)
}

export default function ({ data, parentElement, setTriggerValue }) {
  let state = instances.get(parentElement)
  if (!state) instances.set(parentElement, state = build(parentElement))
  listen(state, setTriggerValue)
  update(state, data)
  watch(state)
  return () => whenGone(state, gone)
}
