// @ts-check
// Evaluated once, drawn anew at every rerun. The text belongs to the person who types: a rerun may move the clock, it never
// touches the words of the same conversation and token.

import { afterRemoval, removeEarlierRoot, stateOf } from "../../streamlit/component_life.js"
import { make, makeButton, setText } from "../../kit/dom.js"
import { icon } from "../../kit/icons.js"
import { OPEN_TIMEOUT_MS, goBackToList, onNews, onOpening } from "../conversation_events.js"

const instances = new WeakMap()
const PAUSE = 400
const UNANSWERED = 15000
const RECENT = 5000
const GONE = 300
const SOON = 2 * 3600000
const COLUMNS = 8
const KEPT = 10
const LONGEST = 20000
const RETRY = 1000
const UNCONFIRMED = "Not confirmed yet. It will not be sent twice: press Send again."
const REFUSED = "This was not sent. Your text is kept: press Send again."
const SIGNED_OUT = "You have been signed out: this was not sent. Copy it, and sign in again."
const UNSENT = "You left before this was sent. Press Send to send it."
const OVERRIDE = "noted with this message, so that an AI never takes it up. AI suggestions are not part of this version yet"

// Saving drafts and sending them: one saver a draft address, shared by all instances, so that what is typed and what is sent
// outlives a switch of screens. `own` are the texts that this draft went through here, `known` those that the server has shown
// too, and `tried` those that were sent.

const savers = new Map()

function saverOf(url) {
  if (!savers.has(url)) savers.set(url, {
    url, owner: null, token: null, spent: new Set(), known: new Set(), own: new Set(), tried: new Set(),
    wanted: null, stored: null, tries: 0, timer: null, flight: null, mood: "", sending: null, rest: "", override: false, said: null,
  })
  return savers.get(url)
}

// The next draft: the one before it has been sent, unless the two are of screens that were drawn in no order that is known.
function renew(saver, { token, draft }, isSent = true) {
  if (saver.token === token) return
  if (saver.token && isSent) saver.spent.add(saver.token)
  Object.assign(saver, { token, known: new Set([draft]), own: new Set(), tried: new Set() })
}

function keep(saver, draft, wait) {
  saver.wanted = draft
  clearTimeout(saver.timer)
  if (wait) saver.timer = setTimeout(() => put(saver), wait)
  else put(saver)
}

async function put(saver) {
  const draft = saver.wanted
  clearTimeout(saver.timer)
  if (!draft || saver.flight?.draft === draft) return
  saver.flight?.abort.abort()
  if (draft.token === saver.token) { saver.own.delete(draft.text); saver.own.add(draft.text) }
  const flight = saver.flight = { draft, abort: new AbortController() }
  tell(saver, "saving")
  const { text, token, seen, rest } = draft
  const answer = await request(saver.url, "PUT", { text, token, seen, rest }, flight.abort.signal)
  if (saver.flight !== flight) return
  saver.flight = null
  settle(saver, draft, answer)
}

async function request(url, method, content, signal) {
  const body = JSON.stringify(content)
  const options = /** @type {RequestInit} */ ({ method, headers: { "Content-Type": "application/json" }, credentials: "same-origin", body, signal })
  // A browser refuses keepalive above 64 kB.
  try {
    const answer = await fetch(url, { ...options, keepalive: body.length < 20000 })
    return { ...await answer.json().catch(() => ({})), status: answer.status }
  } catch { return { status: 0 } }
}

const again = status => status === 0 || status === 408 || status === 429 || status >= 500

function settle(saver, draft, { status, went_out: wentOut = null, token, draft: next, error }) {
  // That draft has been sent. Whose box has the text goes on with the next draft; of what no box has any more, what is not
  // what was sent goes into that one.
  const { owner } = saver
  const isLeft = !owner || saver.token !== draft.token
  if (status === 409 && token && !isLeft && !saver.sending) {
    renewed(owner, { token, draft: next, went_out: { [draft.token]: wentOut } })
    return draw(owner)
  }
  const left = status === 409 && isLeft && saver.wanted === draft && !draft.rest
  const rest = left && restOf(saver, draft.text, wentOut)
  if (rest) return keep(saver, { ...draft, rest }, 0)
  const later = again(status)
  if (!later && saver.wanted === draft) saver.wanted = null
  if (status >= 200 && status < 300) { Object.assign(saver, { stored: draft, storedAt: performance.now(), tries: 0 }); return tell(saver, saver.wanted ? "saving" : "saved") }
  if (!later) return tell(saver, status === 409 && !error ? "" : "refused")
  saver.tries += 1
  if (saver.wanted) saver.timer = setTimeout(() => put(saver), Math.min(30000, 1000 * 2 ** Math.min(saver.tries - 1, 5)))
  tell(saver, "retrying")
}

function tell(saver, mood) {
  saver.mood = mood
  if (saver.owner) drawSaved(saver.owner)
}

// What is sent needs no draft any more.
function drop(saver) {
  clearTimeout(saver.timer)
  saver.flight?.abort.abort()
  Object.assign(saver, { wanted: null, flight: null, tries: 0 })
  tell(saver, "")
}

function dispatch(saver, message, after) {
  const written = [...saver.own].slice(-KEPT).map(text => text.slice(0, LONGEST))
  saver.tried.add(message.text.trim())
  saver.said = null
  drop(saver)
  const sending = saver.sending = { ...message, after, written, token: saver.token, abort: new AbortController() }
  sending.timer = setTimeout(() => takeBack(saver, sending, { note: sending.trouble ?? UNCONFIRMED }), UNANSWERED)
  post(saver, sending)
}

// The token makes any number of tries one message.
async function post(saver, sending) {
  const { text, token, seen, override, anyway, written } = sending
  while (saver.sending === sending) {
    const answer = await request(saver.url, "POST", { text, token, seen, override, anyway, written }, sending.abort.signal)
    if (saver.sending !== sending) return
    if (!again(answer.status)) return answered(saver, sending, answer)
    sending.trouble = answer.error
    await new Promise(done => setTimeout(done, RETRY))
  }
}

function answered(saver, sending, answer) {
  if (!answer.token) return takeBack(saver, sending, refused(answer))
  clearTimeout(sending.timer)
  renew(saver, answer)
  saver.sending = null
  const [next, ...after] = sending.after
  const text = typedIn(saver)
  if (next) dispatch(saver, next, after)
  else if (text) keepTyped(saver, { text, seen: saver.owner?.data.seen ?? sending.seen }, 0)
  if (!saver.owner) return
  saver.owner.trigger("sent", sending.token)
  draw(saver.owner)
}

function refused({ status, warning, error }) {
  if (warning) return { warning, isSure: true }
  return { problem: status === 401 ? SIGNED_OUT : error ?? REFUSED, isSure: true }
}

// Not sent: the text comes back, before what has been typed since. Without an answer (not `isSure`) it may have gone out.
function takeBack(saver, sending, { warning = null, problem = null, note = "", isSure = false }) {
  const text = allOf(saver), rest = isSure ? text : restIn(saver)
  const owner = saver.owner?.root.isConnected ? saver.owner : null
  const override = [sending, ...sending.after].some(message => message.override)
  clearTimeout(sending.timer)
  sending.abort.abort()
  saver.sending = null
  if (!owner) {
    noteUnsent(saver.url)
    Object.assign(saver, { owner: null, override, said: { warning, problem, note } })
    return keepTyped(saver, { text, seen: sending.seen, rest }, 0)
  }
  Object.assign(owner, { warning, problem, note })
  owner.override.checked ||= override
  write(owner, text)
  save(owner, 0)
  draw(owner)
}

function keepTyped(saver, draft, wait) {
  saver.known.add(draft.text)
  keep(saver, { ...draft, token: saver.token }, wait)
}

const joined = texts => texts.filter(Boolean).join("\n")
const typedIn = saver => saver.owner ? saver.owner.text.value : saver.rest
const restIn = saver => joined([...saver.sending.after.map(message => message.text), typedIn(saver)])
const allOf = saver => joined([saver.sending.text, restIn(saver)])

// The page goes away. What is on its way goes on; what waits behind it goes back into its box, whether the server sees this
// before that message or after it.
function part(saver) {
  const { sending } = saver
  if (!sending) return put(saver)
  keep(saver, { text: allOf(saver), token: sending.token, seen: sending.seen, rest: restIn(saver) }, 0)
  if (sending.after.length) noteUnsent(saver.url)
}

addEventListener("pagehide", () => savers.forEach(part))

// Drawing --------------------------------------------------------------------------------------

const EMOJI = `😊 smiling|🙂 slight smile|😀 grinning|😄 laughing|😁 beaming|😉 wink|😌 relieved|🤗 hug|😍 heart eyes|🥰 loved|😅 nervous laugh|😇 angel|🤔 thinking|😮 surprised|😕 unsure|😟 worried|😢 crying|😔 sad|🙁 frown|😬 grimace|😷 medical mask|🤒 thermometer|🤕 bandaged head|🤧 sneezing|👍 thumbs up|👎 thumbs down|👌 okay|🙏 thank you|👏 applause|🙌 hooray|💪 strong|🤝 handshake|👋 wave|🤞 fingers crossed|✌️ victory|👉 pointing right|👇 pointing down|☝️ pointing up|❤️ red heart|💙 blue heart|💚 green heart|💛 yellow heart|🤍 white heart|✨ sparkles|⭐ star|🎉 party|🎂 cake|🌷 tulip|🌞 sun|🍀 clover|✅ check mark|❌ cross|❗ exclamation|❓ question|⚠️ warning|ℹ️ information|🔔 bell|📅 calendar|🗓️ date|⏰ alarm clock|⏳ hourglass|🕘 nine o'clock|📍 place|🗺️ map|🏥 hospital|🚗 car|🚌 bus|🅿️ parking|🩺 stethoscope|🦷 tooth|🪥 toothbrush|💊 pill|💉 syringe|🩹 plaster|🧪 test tube|🩻 x-ray|🩸 blood|👶 baby|🤰 pregnant|👓 glasses|📞 phone|📱 mobile|💬 message|✉️ letter|📄 document|📎 paper clip|💳 card|💶 euro note`
  .split("|").map(pair => { const [character, ...name] = pair.split(" "); return { character, name: name.join(" ") } })

const button = (className, label, ...children) => makeButton({ class: className, "aria-label": label, title: label }, ...children)

function build(parentElement) {
  removeEarlierRoot(parentElement)
  const state = { conversation: null, leaving: null, ahead: "", saver: null, note: "", problem: null, warning: null, data: null }
  buildBox(state)
  buildMenus(state)
  state.root = make("form", { class: "root", "aria-label": "Write a message", novalidate: "" }, state.notices, state.box, state.foot, state.emoji, state.replies)
  parentElement.append(state.root)
  return state
}

function buildBox(state) {
  state.text = make("textarea", { rows: 1, "aria-describedby": "to foot", autocomplete: "off", spellcheck: "true", dir: "auto", enterkeyhint: "send" })
  state.smile = button("tool", "Emoji", icon("smile"))
  state.bolt = button("tool", "Saved replies", icon("bolt"))
  state.to = make("span", { class: "to", id: "to", dir: "auto" })
  state.counter = make("span", { class: "counter", "aria-live": "polite" })
  state.send = make("button", { type: "submit", class: "send", title: "Send (Enter). Shift+Enter starts a new line, Esc goes back to the list" }, "Send", make("kbd", { "aria-hidden": "true" }, " ↵"))
  state.tools = make("div", { class: "tools" }, state.smile, state.bolt, state.to, state.counter, state.send)
  state.blocked = make("p", { class: "blocked", role: "status" })
  state.field = make("div", { class: "field" }, state.text)
  state.box = make("div", { class: "box" }, state.field, state.blocked, state.tools)
  state.notices = make("div", { class: "notices", role: "alert" })
  state.window = make("span", { class: "window" }, icon("clock"), make("span"))
  state.saved = make("span", { class: "saved", role: "status" })
  state.override = make("input", { type: "checkbox", id: "override" })
  state.overrideLabel = make("label", { class: "override", for: "override", title: OVERRIDE }, state.override, "AI override", make("span", { class: "more" }, `: ${OVERRIDE}`))
  state.foot = make("div", { class: "foot", id: "foot" }, state.window, state.saved, state.overrideLabel)
}

function buildMenus(state) {
  state.emoji = make("div", { popover: "auto", class: "menu grid", id: "emoji", role: "group", "aria-label": "Emoji" })
  for (const { character, name } of EMOJI) {
    const choice = button("emoji", name, character)
    choice.tabIndex = -1
    state.emoji.append(choice)
  }
  state.filter = make("input", { type: "text", placeholder: "Find a saved reply", "aria-label": "Find a saved reply", role: "combobox", "aria-controls": "choices", "aria-expanded": "true", autocomplete: "off" })
  state.choices = make("div", { class: "choices", id: "choices", role: "listbox", "aria-label": "Saved replies" })
  state.replies = make("div", { popover: "auto", class: "menu", id: "replies", role: "dialog", "aria-label": "Saved replies" }, state.filter, state.choices)
}

function listen(state, trigger) {
  state.trigger = trigger
  state.root.onsubmit = event => { event.preventDefault(); send(state, false) }
  state.text.oninput = () => typed(state)
  state.text.onblur = () => flush(state)
  state.text.onkeydown = event => pressed(state, event)
  // Streamlit listens for single letters on the page and cannot see through the shadow root that somebody is typing.
  for (const kind of ["onkeypress", "onkeyup", "onkeydown"]) state.root[kind] = event => event.stopPropagation()
  state.override.onchange = () => draw(state)
  state.smile.onclick = () => open(state, state.emoji, state.smile)
  state.bolt.onclick = () => open(state, state.replies, state.bolt)
  state.emoji.onclick = event => { const choice = event.target.closest(".emoji"); if (choice) choose(state, state.emoji, choice.textContent) }
  state.emoji.onkeydown = event => walk(state, event)
  state.filter.oninput = () => drawReplies(state)
  state.filter.onkeydown = event => walkReplies(state, event)
  state.choices.onclick = event => { const choice = event.target.closest("[role=option]"); if (choice) chooseReply(state, choice) }
}

// What the server says -------------------------------------------------------------------------

function update(state, data) {
  const before = state.data
  state.data = data
  state.serverNow = Date.parse(data.now)
  state.heardAt = performance.now()
  const isAwaited = data.conversation === state.leaving
  if (isAwaited) {
    state.leaving = null
    clearTimeout(state.patience)
  }
  if (data.conversation !== state.conversation || data.draft_url !== before.draft_url) opened(state, data)
  else if (state.saver.spent.has(data.token)) { /* drawn before the text was sent */ }
  else if (data.token !== state.saver.token) renewed(state, data)
  else adopt(state)
  draw(state)
  if (isAwaited) takeAhead(state)
}

// Messages came in without a run of the script: they have been seen, and they may have moved the reply window.
function hearNews(state, { conversation, newestId, windowClosesAt, readAt }) {
  if (!state.data || conversation !== state.conversation || readAt < state.data.now) return
  state.data = { ...state.data, seen: newestId, window_closes_at: windowClosesAt }
  draw(state)
}

function opened(state, data) {
  leave(state)
  const saver = state.saver = saverOf(data.draft_url)
  Object.assign(state, { conversation: data.conversation, note: "", problem: null, warning: null })
  if (saver.owner) leave(saver.owner)
  saver.owner = state
  if (!saver.wanted) saver.mood = ""
  if (saver.sending) write(state, saver.rest)
  else fill(state, data)
  focusIfWide(state)
}

function fill(state, data) {
  const { saver } = state
  const stale = saver.spent.has(data.token)
  if (!stale) {
    renew(saver, data)
    saver.known.add(data.draft)
    saver.own.add(data.draft)
  }
  const text = leftHere(saver)?.text ?? (stale ? "" : data.draft)
  write(state, text)
  state.override.checked = Boolean(text) && saver.override
  const unsent = takeUnsent(saver.url)
  if (text) Object.assign(state, saver.said ?? { note: unsent ? UNSENT : "" })
  Object.assign(saver, { override: false, said: null })
  if (text && (stale || text !== data.draft)) save(state, PAUSE)
}

// What was typed here moments ago may not be in the answer yet.
function leftHere(saver) {
  const recent = performance.now() - (saver.storedAt ?? -RECENT) < RECENT ? saver.stored : null
  return [saver.wanted, saver.flight?.draft, recent].find(draft => draft?.token === saver.token)
}

function leave(state) {
  const { saver } = state
  state.override.checked = false
  for (const menu of [state.emoji, state.replies]) if (menu.matches(":popover-open")) menu.hidePopover()
  // Opened anew meanwhile, its text is the new box's.
  if (saver?.owner !== state) return
  const { warning, problem, note } = state
  saver.owner = null
  if (warning || problem || note) saver.said = { warning, problem, note }
  if (saver.sending) saver.rest = state.text.value
  else put(saver)
}

// A new token: a text was sent, from here or from another tab. Any other text is the next draft.
function renewed(state, data) {
  const { saver } = state
  const { sending, token } = saver
  const isKnown = token in data.went_out
  const out = data.went_out[token]
  // The answer to it is late or lost; one that is not what went out will be refused.
  if (sending) return out === sending.text.trim() ? answered(saver, sending, data) : undefined
  // What became of it the server says where this text is saved.
  if (!isKnown && state.text.value.trim()) return save(state, 0)
  const rest = restOf(saver, state.text.value, out)
  drop(saver)
  renew(saver, data, isKnown)
  Object.assign(state, { note: "", problem: rest ? state.problem : null, warning: null })
  state.override.checked = false
  if (rest !== state.text.value) write(state, rest)
  if (rest) return save(state, 0)
  saver.own.add(data.draft)
  write(state, data.draft)
}

// A text that was sent and came back for want of an answer may have gone out: the box holds it before what was typed since.
function restOf(saver, written, out) {
  const text = written.trim()
  if (!text || out?.startsWith(text)) return ""
  const behind = out && text.startsWith(out) ? text.slice(out.length) : ""
  return behind.startsWith("\n") || (saver.tried.has(out) && /^\s/.test(behind)) ? behind.trimStart() : written
}

// The draft grew on the server, not through us (another tab): taken over only where nobody is writing and nothing gets lost.
function adopt(state) {
  const { saver, data: { draft } } = state
  if (saver.known.has(draft) || saver.sending || saver.wanted || !draft.startsWith(state.text.value) || writing(state)) return
  saver.known.add(draft)
  saver.own.add(draft)
  saver.stored = null
  write(state, draft)
}

const writing = state => document.hasFocus() && state.text.matches(":focus")
const focusable = () => matchMedia("(min-width: 900px) and (pointer: fine)").matches

function focusIfWide(state) {
  let holder = document.activeElement
  while (holder?.shadowRoot?.activeElement) holder = holder.shadowRoot.activeElement
  const typing = holder?.matches("input, textarea, [contenteditable=true]") && holder !== state.text
  if (!focusable() || typing || state.data.blocked) return
  requestAnimationFrame(() => state.text.focus({ preventScroll: true }))
}

// What the person does -------------------------------------------------------------------------

function write(state, text) {
  state.text.value = text
  state.text.setSelectionRange(text.length, text.length)
  grow(state)
}

function typed(state) {
  state.note = ""
  if (!state.saver.sending) save(state, PAUSE)
  draw(state)
  grow(state)
}

function save(state, wait) {
  keepTyped(state.saver, { text: state.text.value, seen: state.data.seen }, wait)
}

function flush(state) {
  if (state.saver.wanted && !state.saver.sending) put(state.saver)
}

const unsentKey = url => `genko-unsent:${url}`

function noteUnsent(url) {
  try { sessionStorage.setItem(unsentKey(url), "1") } catch { /* switched off in this browser: the text is kept, without the sentence */ }
}

function takeUnsent(url) {
  try {
    const noted = sessionStorage.getItem(unsentKey(url))
    sessionStorage.removeItem(unsentKey(url))
    return Boolean(noted)
  } catch { return false }
}

function pressed(state, event) {
  if (event.key === "Escape" && !event.isComposing) return goBackToList()
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return
  if (matchMedia("(pointer: coarse)").matches) return
  event.preventDefault()
  send(state, false)
}

// The box is free for the next text at once; one that is sent meanwhile waits for its turn.
function send(state, anyway) {
  const { data, saver } = state
  const message = { text: state.text.value, override: state.override.checked, seen: data.seen, anyway }
  state.text.focus()
  if (state.leaving || data.blocked || !message.text.trim() || lengthOf(state) > data.limit) return
  Object.assign(state, { note: "", problem: null, warning: null })
  state.override.checked = false
  write(state, "")
  if (saver.sending) saver.sending.after.push(message)
  else dispatch(saver, message, [])
  draw(state)
}

function insert(state, words) {
  const { text } = state
  text.focus()
  text.setSelectionRange(text.value.length, text.value.length)
  // The old command is the only way that keeps the browser's undo.
  if (!document.execCommand("insertText", false, words)) {
    text.setRangeText(words, text.value.length, text.value.length, "end")
    typed(state)
  }
  text.scrollTop = text.scrollHeight
}

// Menus ----------------------------------------------------------------------------------------

function open(state, menu, opener) {
  if (menu.matches(":popover-open")) return menu.hidePopover()
  if (menu === state.replies) { state.filter.value = ""; drawReplies(state) }
  menu.showPopover()
  const at = opener.getBoundingClientRect()
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - menu.offsetWidth - 8))}px`
  menu.style.top = `${Math.max(8, at.top - menu.offsetHeight - 8)}px`
  opener.setAttribute("aria-expanded", "true")
  menu.ontoggle = event => { if (event.newState === "closed") opener.setAttribute("aria-expanded", "false") }
  if (menu === state.emoji) menu.firstElementChild.focus()
  else state.filter.focus()
}

function choose(state, menu, words) {
  menu.hidePopover()
  insert(state, words)
}

function walk(state, event) {
  const all = [...state.emoji.children]
  const index = all.indexOf(event.target)
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key]
  const target = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : step && index + step
  if (event.key === "Escape") state.smile.focus()
  if (target === undefined) return
  event.preventDefault()
  all[target]?.focus()
}

const plain = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase()

function drawReplies(state) {
  const asked = plain(state.filter.value.trim())
  const fitting = state.data.saved_replies.filter(reply => plain(`${reply.title} ${reply.text}`).includes(asked))
  state.choices.replaceChildren(...fitting.map(drawReply))
  if (!fitting.length) state.choices.append(make("p", { class: "none" }, "Nothing matches."))
  point(state, 0)
}

function drawReply(reply, index) {
  const node = make("div", { role: "option", id: `reply-${index}`, class: "choice" }, make("strong", {}, reply.title), make("span", {}, reply.text))
  Object.assign(node, { reply })
  return node
}

function point(state, index) {
  const all = [...state.choices.querySelectorAll("[role=option]")]
  all.forEach((node, at) => node.setAttribute("aria-selected", String(at === index)))
  if (!all.length) return state.filter.removeAttribute("aria-activedescendant")
  state.filter.setAttribute("aria-activedescendant", all[index].id)
  all[index].scrollIntoView({ block: "nearest" })
}

function walkReplies(state, event) {
  const all = [...state.choices.querySelectorAll("[role=option]")]
  const index = all.findIndex(node => node.getAttribute("aria-selected") === "true")
  if (event.key === "Escape") state.bolt.focus()
  else if (event.key === "ArrowDown") point(state, Math.min(all.length - 1, index + 1))
  else if (event.key === "ArrowUp") point(state, Math.max(0, index - 1))
  else if (event.key === "Enter" && !event.isComposing) { if (all[index]) chooseReply(state, all[index]) }
  else return
  if (event.key !== "Escape") event.preventDefault()
}

function chooseReply(state, node) {
  const { value } = state.text
  choose(state, state.replies, (value && !/\s$/.test(value) ? "\n" : "") + node.reply.text)
}

// Painting -------------------------------------------------------------------------------------

function draw(state) {
  const { data, saver: { sending } } = state
  const over = lengthOf(state) > data.limit
  state.text.placeholder = data.placeholder
  state.to.textContent = state.to.title = data.to
  state.text.setAttribute("aria-label", data.placeholder)
  state.text.readOnly = Boolean(state.leaving) || Boolean(data.blocked)
  state.field.hidden = Boolean(data.blocked) && !state.text.value
  state.tools.hidden = state.overrideLabel.hidden = Boolean(data.blocked)
  state.box.classList.toggle("shut", Boolean(data.blocked))
  state.overrideLabel.classList.toggle("on", state.override.checked)
  state.send.setAttribute("aria-disabled", String(over || !state.text.value.trim()))
  setText(state.send.firstChild, sending ? "Sending…" : "Send")
  drawBlocked(state)
  drawCounter(state, over)
  drawNotices(state)
  drawSaved(state)
  drawTools(state)
  tick(state)
}

function drawBlocked(state) {
  state.blocked.hidden = !state.data.blocked
  if (state.blocked.textContent !== (state.data.blocked ?? "")) state.blocked.replaceChildren(icon("lock"), make("span", {}, state.data.blocked ?? ""))
}

function drawTools(state) {
  state.bolt.hidden = state.data.saved_replies.length === 0
}

function lengthOf(state) {
  const text = state.text.value
  let pairs = 0
  for (let at = 0; at < text.length; at += 1) if ((text.charCodeAt(at) & 0xfc00) === 0xd800) pairs += 1
  return text.length - pairs
}

const words = count => count.toLocaleString("en-GB")

function drawCounter(state, over) {
  const length = lengthOf(state)
  const { limit } = state.data
  const many = length - limit
  state.counter.hidden = length < limit * .8 || Boolean(state.data.blocked)
  state.counter.classList.toggle("over", over)
  setText(state.counter, over ? `${words(length)} / ${words(limit)}: ${words(many)} ${many === 1 ? "character" : "characters"} too long` : `${words(length)} / ${words(limit)}`)
}

function drawNotices(state) {
  if (state.data.blocked) state.note = ""
  const { warning, problem, note } = state
  const warned = state.text.value.trim() ? warning : null
  const written = JSON.stringify([warned, problem, note])
  if (state.noticed === written) return
  state.noticed = written
  state.notices.replaceChildren(...[warned && drawWarning(state, warned), problem && notice("error", problem), note && notice("warning", note)].filter(Boolean))
}

const notice = (kind, text, ...rest) => make("div", { class: `notice ${kind}` }, icon(kind), make("span", { class: "sentence" }, text), ...rest)

function drawWarning(state, warning) {
  const anyway = make("button", { type: "button", class: "button" }, "Send anyway")
  const back = make("button", { type: "button", class: "button" }, "Keep editing")
  anyway.onclick = () => send(state, true)
  back.onclick = () => { state.warning = null; draw(state); state.text.focus() }
  return notice("warning", warning, make("span", { class: "answers" }, anyway, back))
}

const MOODS = { saving: "Saving…", saved: "Saved", retrying: "Not saved — retrying", refused: "Not saved" }

function drawSaved(state) {
  const mood = state.saver.sending || state.data.blocked ? "" : state.saver.mood
  state.saved.classList.toggle("bad", mood === "retrying" || mood === "refused")
  setText(state.saved, MOODS[mood] ?? "")
}

function tick(state) {
  const { window_closes_at } = state.data
  const rest = window_closes_at ? Date.parse(window_closes_at) - (state.serverNow + performance.now() - state.heardAt) : 0
  // Where nothing can be written for another reason, the time that is left means nothing.
  state.window.hidden = !window_closes_at || (Boolean(state.data.blocked) && rest > 0)
  if (state.window.hidden) return
  state.window.classList.toggle("soon", rest < SOON)
  setText(state.window.lastChild, rest <= 0 ? "Reply window closed" : `Reply window: ${span(rest)} left`)
}

function span(milliseconds) {
  const minutes = Math.max(1, Math.floor(milliseconds / 60000))
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

// The same words lie unseen in the box's place and give it its height. Measured, it would shrink for a moment, and the
// thread above it slip from its newest message.
function grow(state) {
  state.field.dataset.text = state.text.value
}

// Life -----------------------------------------------------------------------------------------

// Another conversation was chosen and is on its way: nothing more may be typed or sent into this one.
function leaveFor(state, id) {
  if (id === (state.leaving ?? state.conversation)) return
  flush(state)
  Object.assign(state, { leaving: id, ahead: "" })
  draw(state)
  clearTimeout(state.patience)
  state.patience = setTimeout(() => giveUp(state), OPEN_TIMEOUT_MS)
}

function giveUp(state) {
  const { ahead } = state
  Object.assign(state, { leaving: null, ahead: "" })
  if (ahead) state.problem = `The other conversation did not open. What you typed for it: ${ahead}`
  draw(state)
}

// Who chooses a conversation and types at once means that one: what is typed before it is here waits for its box.
function typeAhead(state, event) {
  // Some letters need Alt: @ on a German Mac, and elsewhere what a browser may report as Ctrl and Alt.
  const writes = event.getModifierState("AltGraph") || (event.altKey && !event.ctrlKey && /Mac/.test(navigator.platform))
  if (!state.leaving || !focusable() || event.metaKey || ((event.ctrlKey || event.altKey) && !writes) || event.isComposing) return
  const [target] = event.composedPath()
  if (target !== state.text && target.matches?.("input, textarea, select, [contenteditable=true]")) return
  if (event.key === "Backspace") state.ahead = [...state.ahead].slice(0, -1).join("")
  else if (event.key === "Enter" && state.ahead) state.ahead += event.shiftKey ? "\n" : ""
  else if (event.key.length === 1 && (state.ahead || event.key !== " ")) state.ahead += event.key
  else return
  event.preventDefault()
  event.stopPropagation()
}

function takeAhead(state) {
  const { ahead } = state
  state.ahead = ""
  if (ahead && !state.data.blocked) insert(state, ahead)
}

function live(state) {
  if (state.life) return
  state.life = new AbortController()
  const { signal } = state.life
  onOpening(id => leaveFor(state, id), signal)
  onNews(news => hearNews(state, news), signal)
  document.addEventListener("keydown", event => typeAhead(state, event), { signal, capture: true })
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(state) }, { signal })
  state.timer = setInterval(() => tick(state), 5000)
}

function cleanup(state) {
  flush(state)
  afterRemoval(state, gone, GONE)
}

function gone(state) {
  if (!state.life) return
  state.life.abort()
  state.life = null
  clearInterval(state.timer)
  leave(state)
}

export default function ({ data, parentElement, setTriggerValue }) {
  const state = stateOf(instances, parentElement, build)
  listen(state, setTriggerValue)
  update(state, data)
  live(state)
  return () => cleanup(state)
}
