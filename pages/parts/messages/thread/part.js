// @ts-check
// Run again at every rerun: bubbles are matched by id and patched part by part, so that a playing voice message, a selection
// and the place being read survive.

import { removeEarlierRoot, startOnce, stateOf } from "../../streamlit/component_life.js"
import { make, makeButton, spokenOnly, titled } from "../../kit/dom.js"
import { icon } from "../../kit/icons.js"
import { drawIfChanged, placeInOrder, removeOthers } from "../../kit/keyed_rows.js"
import { Feed } from "../../kit/live/feed.js"
import { OPEN_TIMEOUT_MS, announceNews, onOpening } from "../conversation_events.js"
import { noteSeen, openThread, threadAddress } from "./opening.js"
import { placeDivider } from "./unread_divider.js"

const instances = new WeakMap()
const FOLD_LETTERS = 2000
const FOLD_LINES = 40
const MOST_LINKS = 200
const ANSWER_TIMEOUT_MS = 8000
const PALE_AFTER_MS = 600
const HEAD_PALE_AFTER_MS = 150
const HEAD_PAUSE_MS = 300 // before the script is asked for a new head: a run that is on its way anyway may bring it
const LAYOUT_SETTLES_MS = 600

const DELIVERIES = {
  queued: ["clock", "Waiting to be sent"], sending: ["clock", "Sending"], sent: ["tick", "Sent"], delivered: ["doubleTick", "Delivered"],
  read: ["doubleTick", "Read"], failed: ["error", "Not sent"], unconfirmed: ["unsure", "Not confirmed"],
}

function button(className, onclick, ...children) {
  const node = makeButton(className, ...children)
  node.onclick = onclick
  return node
}

// Only what the server stores itself or serves over http may be opened.
function safe(url) {
  try { return ["http:", "https:"].includes(new URL(url, location.href).protocol) ? url : null } catch { return null }
}

// Text -----------------------------------------------------------------------------------------

function folded(text) {
  let cutAt = Math.min(text.length, FOLD_LETTERS)
  for (let line = 0, at = -1; line < FOLD_LINES; line += 1) {
    at = text.indexOf("\n", at + 1)
    if (at < 0 || at >= cutAt) break
    if (line === FOLD_LINES - 1) cutAt = at
  }
  if (cutAt >= text.length) return text
  const split = text.charCodeAt(cutAt - 1)
  return text.slice(0, split >= 0xd800 && split < 0xdc00 ? cutAt - 1 : cutAt)
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
  return make("div", `file ${failed ? "bad" : ""}`, icon(failed ? "error" : file.kind, "file"),
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
  const close = titled(button("round", () => state.lightbox.close(), icon("close"), spokenOnly("Close")), "Close (Esc)")
  state.lightbox.replaceChildren(close, image, make("p", "", saved(file, url)))
  state.lightbox.setAttribute("aria-label", file.name)
  state.lightbox.onclick = event => { if (event.target === state.lightbox) state.lightbox.close() }
  state.lightbox.showModal()
}

// One bubble -----------------------------------------------------------------------------------

function newEntry(id) {
  const entry = { parts: {} }
  for (const part of ["head", "words", "files", "meta", "below"]) {
    entry[part] = make("div", part)
    entry.parts[part] = { drawn: "" }
  }
  entry.meta.setAttribute("aria-live", "off")
  entry.balloon = make("div", "balloon", entry.files, entry.words, entry.meta)
  entry.node = make("article", "bubble", entry.head, entry.balloon, entry.below)
  entry.node.dataset.id = String(id)
  return entry
}

function patch(entry, part, value, draw) {
  drawIfChanged(entry.parts[part], value, () => {
    const children = draw()
    entry[part].replaceChildren(...children)
    entry[part].hidden = children.length === 0
  })
}

function drawBubble(state, entry, bubble, place) {
  const className = ["bubble", bubble.author, bubble.outbound ? "out" : "in", bubble.unsent && "unsent", place.first && "first", place.last && "last", bubble.delivery].filter(Boolean).join(" ")
  if (entry.node.className !== className) entry.node.className = className
  patch(entry, "head", [place.first, bubble.author, bubble.name, bubble.ai_badge], () => place.first ? drawHead(bubble) : [spokenOnly(`${bubble.name}: `)])
  patch(entry, "words", [bubble.text], () => drawText(state, bubble))
  patch(entry, "files", bubble.files, () => bubble.files.map(file => drawFile(state, file)))
  patch(entry, "meta", [bubble.at_text, bubble.at_full, bubble.delivery, bubble.edited, bubble.reactions, place.newest], () => drawMeta(bubble, place.newest))
  patch(entry, "below", [bubble.delivery, bubble.problem, bubble.can_act, bubble.can_resend, bubble.settled, bubble.sent_again], () => drawBelow(state, bubble))
  entry.balloon.classList.toggle("wordless", !bubble.text)
}

function drawHead(bubble) {
  const name = make("span", "who", bubble.name)
  name.dir = "auto"
  return [icon(bubble.author), name, bubble.ai_badge && bubble.author !== "ai" && titled(make("span", "badge", icon("ai"), spokenOnly("AI")), "Written by the AI")].filter(Boolean)
}

function drawMeta(bubble, newest) {
  const time = titled(make("time", "", bubble.at_text), bubble.at_full)
  const changes = drawChanges(bubble)
  if (!bubble.delivery) return [...changes, time]
  const [drawing, word] = DELIVERIES[bubble.delivery]
  const told = newest || !["sent", "delivered", "read"].includes(bubble.delivery)
  const tick = titled(make("span", `tick ${bubble.delivery}`, icon(drawing), told && make("span", "word", word)), word)
  tick.setAttribute("role", "img")
  tick.setAttribute("aria-label", word)
  return [...changes, time, tick]
}

function drawChanges(bubble) {
  const reactions = bubble.reactions?.length > 0 && titled(make("span", "reactions", bubble.reactions.join(" ")), "Reactions")
  return [reactions, bubble.edited && make("span", "edited", "Edited")].filter(Boolean)
}

function drawBelow(state, bubble) {
  const wrong = bubble.delivery === "failed"
  const sentence = bubble.problem && make("p", wrong ? "problem" : "problem unsure", icon(wrong ? "error" : "unsure"), make("span", "", bubble.problem))
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
    setTimeout(() => { node.removeAttribute("aria-disabled"); node.textContent = label }, ANSWER_TIMEOUT_MS)
    press()
  }, label)
  return node
}

// The whole thread -----------------------------------------------------------------------------

function build(parentElement) {
  removeEarlierRoot(parentElement)
  const state = {
    entries: new Map(), days: new Map(), unfolded: new Set(), divider: null, pinned: true, missed: 0, life: null,
    data: null, // what is drawn
    script: null, // what the page's script said last
    clicked: null, // the conversation that was chosen, until the script has drawn its head
    readCount: null, seenCount: 0, askedHead: null, palings: [],
  }
  state.feed = new Feed(messages => refresh(state, messages))
  state.earlier = makeButton("button earlier")
  state.above = make("p", "above")
  state.log = make("div", "log")
  state.log.setAttribute("role", "log")
  state.log.setAttribute("aria-relevant", "additions")
  state.nothing = make("p", "nothing")
  state.content = make("div", "content", state.above, state.earlier, state.nothing, state.log)
  state.scroller = make("div", "scroller", state.content)
  state.scroller.tabIndex = 0
  state.scroller.setAttribute("role", "region")
  state.pill = makeButton("pill")
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

// Opening --------------------------------------------------------------------------------------

// Another conversation was chosen: its thread is painted as soon as it is here, its head and composer come with the script.
async function openClicked(state, id) {
  stopWaiting(state)
  if (id === state.script.conversation && id === state.data.conversation) return
  state.clicked = id
  state.palings = [pale(".st-key-head", HEAD_PALE_AFTER_MS), pale(".st-key-conversation-pane", PALE_AFTER_MS)]
  state.patience = setTimeout(() => giveUp(state), OPEN_TIMEOUT_MS)
  const messages = await openThread(id)
  if (state.clicked !== id || !messages) return
  state.palings.pop()?.cancel()
  keepUpToDate(state, messages)
  update(state, messages, messages.readCount)
}

// Says whether nothing newer of this conversation is drawn.
function keepUpToDate(state, { conversation, limit, topics, read_at: readAt }) {
  return state.feed.show({ address: `${threadAddress(conversation)}?messages=${limit}`, topics, readAt })
}

// The conversation that is on its way must not be taken for the one whose head still stands there.
function pale(selector, delay) {
  return document.querySelector(selector)?.animate({ opacity: [1, .4] }, { duration: 100, delay, fill: "forwards" })
}

function stopWaiting(state) {
  clearTimeout(state.patience)
  state.clicked = null
  for (const paling of state.palings) paling?.cancel()
  state.palings = []
}

// The script has not followed: head and composer are still those of the conversation before.
function giveUp(state) {
  stopWaiting(state)
  if (state.script.conversation !== state.data.conversation) hear(state, state.script)
}

// What the page's script says. Messages that were fetched since it read its own stay.
function hear(state, data) {
  state.script = data
  if (state.clicked !== null && data.conversation !== state.clicked) return // drawn before the click was heard
  stopWaiting(state)
  settleEarlier(state, data)
  if (keepUpToDate(state, data) || state.data?.conversation !== data.conversation) update(state, data, data.source.read_count)
  askForHead(state)
}

// What a push has brought.
function refresh(state, messages) {
  if (messages.conversation !== state.data.conversation) return
  update(state, messages, state.readCount)
  markSeen(state)
  askForHead(state)
}

// A message counts as read when a visible page has shown it.
async function markSeen(state) {
  const { conversation, inbound_count: count, unread } = state.data
  if (document.hidden || unread === 0 || state.seenCount >= count) return
  state.seenCount = count
  const isNoted = await noteSeen(conversation, count)
  if (!isNoted && state.data.conversation === conversation) state.seenCount = 0
}

// Status, assignee and the like are Streamlit's to draw: it runs when they differ from what it has drawn.
function askForHead(state) {
  clearTimeout(state.headTimer)
  const { script, data } = state
  const isDrawn = data.conversation !== script.conversation || data.head_mark === script.head_mark
  if (isDrawn || document.hidden || !script.source.may_run || data.head_mark === state.askedHead) return
  state.headTimer = setTimeout(() => {
    state.askedHead = data.head_mark
    state.trigger("head", { mark: data.head_mark })
  }, HEAD_PAUSE_MS)
}

function lookAgain(state) {
  if (document.hidden) return
  markSeen(state)
  askForHead(state)
}

function update(state, data, readCount) {
  const opened = state.data?.conversation !== data.conversation
  if (opened) forget(state)
  state.readCount ??= readCount
  const anchor = opened ? null : findAnchor(state)
  const arrived = opened ? [] : data.bubbles.filter(bubble => !state.entries.has(bubble.id) && bubble.id > state.newest)
  state.data = data
  // What was read once is not noted again: "Mark as unread" would be undone by the thread that is about to close.
  if (data.unread === 0) state.seenCount = Math.max(state.seenCount, data.inbound_count)
  if (opened || state.holding) hush(state)
  chooseDivider(state, arrived)
  reconcile(state)
  showRest(state)
  if (opened) start(state)
  else follow(state, anchor, arrived)
  state.newest = Math.max(0, ...data.bubbles.map(bubble => bubble.id))
  announceNews({ conversation: data.conversation, newestId: data.newest_id, windowClosesAt: data.window_closes_at, readAt: data.read_at })
}

function forget(state) {
  state.entries.clear()
  state.days.clear()
  state.unfolded.clear()
  state.log.replaceChildren()
  state.divider = state.asked = state.readCount = state.askedHead = null
  state.hasAnswered = false
  state.seenCount = 0
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
  const { bubbles, inbound_count: inboundCount } = state.data
  const { firstUnreadId, unreadAbove } = placeDivider(bubbles, inboundCount, state.readCount)
  state.hasAnswered ||= arrived.some(bubble => bubble.outbound && bubble.author !== "automatic")
  state.unreadAbove = unreadAbove
  state.divider = state.hasAnswered ? null : state.divider ?? firstUnreadId
}

function reconcile(state) {
  const { bubbles } = state.data
  const ids = new Set(bubbles.map(bubble => bubble.id))
  removeOthers(state.entries, ids)
  const newest = bubbles.findLast(bubble => bubble.outbound && bubble.delivery)?.id
  const sections = sectionsOf(bubbles)
  for (const [day, node] of state.days) if (!sections.some(section => section.day === day)) { node.remove(); state.days.delete(day) }
  placeInOrder(state.log, sections.map(section => drawDay(state, section, newest)))
  if (!ids.has(state.divider)) state.mark.remove()
}

function sectionsOf(bubbles) {
  const sections = new Map()
  for (const bubble of bubbles) {
    if (!sections.has(bubble.day)) sections.set(bubble.day, { day: bubble.day, bubbles: [] })
    sections.get(bubble.day).bubbles.push(bubble)
  }
  return [...sections.values()]
}

function drawDay(state, section, newest) {
  const node = state.days.get(section.day) ?? newDay(state, section.day)
  const children = []
  section.bubbles.forEach((bubble, at) => {
    if (bubble.id === state.divider) children.push(state.mark)
    const entry = state.entries.get(bubble.id) ?? keep(state, bubble.id)
    const place = { first: !together(section.bubbles[at - 1], bubble) || bubble.id === state.divider, last: !together(bubble, section.bubbles[at + 1]), newest: bubble.id === newest }
    drawBubble(state, entry, bubble, place)
    children.push(entry.node)
  })
  placeInOrder(node, children, 1) // behind the day's name
  return node
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

const together = (one, two) => Boolean(one && two && one.author === two.author && one.name === two.name && one.ai_badge === two.ai_badge && one.outbound === two.outbound)

function showRest(state) {
  const { earlier, bubbles, patient_name, nothing } = state.data
  const { unreadAbove } = state
  state.above.hidden = unreadAbove === 0
  state.above.textContent = unreadAbove === 1 ? "1 more new message above" : `${unreadAbove.toLocaleString("en-GB")} more new messages above`
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
  } else if (state.unreadAbove) state.scroller.scrollTop = state.lastTop = 0
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
  state.openedAt = -LAYOUT_SETTLES_MS // from here on the place is the reader's
  showRest(state)
  setTimeout(() => { if (state.asked && performance.now() - state.asked.at > ANSWER_TIMEOUT_MS - 100) { state.asked = null; showRest(state) } }, ANSWER_TIMEOUT_MS)
  state.trigger("earlier", { before: state.asked.first ?? null })
}

function settleEarlier(state, data) {
  if (!state.asked || state.data.conversation !== data.conversation) return
  const answered = data.bubbles[0]?.id !== state.asked.first || !data.earlier
  if (answered) state.asked = null
  state.holding = answered
}

// Pictures that load and a composer that grows must not push the newest message out of sight.
function begin(state, signal) {
  const watcher = new ResizeObserver(() => resized(state))
  watcher.observe(state.scroller)
  watcher.observe(state.content)
  signal.addEventListener("abort", () => watcher.disconnect())
  onOpening(id => openClicked(state, id), signal)
  document.addEventListener("visibilitychange", () => lookAgain(state), { signal })
  state.feed.start(signal)
}

function resized(state) {
  if (state.pinned) toNewest(state)
  else if (performance.now() - state.openedAt < LAYOUT_SETTLES_MS && state.lastTop === state.scroller.scrollTop) start(state)
  showPill(state)
}

function end(state) {
  clearTimeout(state.headTimer)
  stopWaiting(state)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const state = stateOf(instances, parentElement, build)
  listen(state, setTriggerValue)
  hear(state, data)
  return startOnce(state, begin, end)
}
