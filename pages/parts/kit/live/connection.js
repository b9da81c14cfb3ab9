// @ts-check
// The one websocket of this screen: it names what has changed, and each part of the page asks for its own data then.

import { backOffMs } from "./back_off.js"
import { concerns, EVERYTHING } from "./topics.js"

const ADDRESS = "/admin/api/live"
const SILENCE_MS = 90000 // the server says something every minute: a line that is silent for longer is dead
const SESSION_ENDED = 1008

/**
 * @typedef {object} Status
 * @property {string | null} worker_at
 * @property {string} worker_error
 * @property {string} silent
 * @property {number} waiting_count
 * @property {string} database
 */

/** @typedef {{ topics: string[], spread_ms: number, now: string, status?: Status }} Push */

/** @typedef {{ topics: () => Iterable<string>, tell: (topics: string[], spreadMs: number) => void }} Follower */

/** @type {Set<Follower>} */
const followers = new Set()
/** @type {Set<() => void>} */
const watchers = new Set()

const state = {
  /** @type {WebSocket | null} */ socket: null,
  isLive: false,
  hasEnded: false,
  failureCount: 0,
  /** @type {Status | null} */ status: null,
  /** @type {number | null} */ workerSeenAt: null, // by this browser's clock, which may be set wrong
  cutAt: 0,
  /** @type {ReturnType<typeof setTimeout> | undefined} */ retryTimer: undefined,
  /** @type {ReturnType<typeof setTimeout> | undefined} */ silenceTimer: undefined,
}

/** What the foot of the sidebar shows. Times are of `performance.now()`. */
export const current = () => state

/**
 * What the page's script has read, until the first push comes.
 * @param {Status} status
 * @param {string} now
 */
export function begin(status, now) {
  if (!state.isLive) note(status, now)
  connect()
}

/**
 * @param {Status} status
 * @param {string} now the server's
 */
function note(status, now) {
  const ageMs = status.worker_at === null ? null : Math.max(0, Date.parse(now) - Date.parse(status.worker_at))
  Object.assign(state, { status, workerSeenAt: ageMs === null ? null : performance.now() - ageMs })
  for (const watcher of watchers) watcher()
}

/** Called again, it does nothing: the connection outlives every part of the page. */
export function connect() {
  if (state.socket || state.hasEnded) return
  clearTimeout(state.retryTimer)
  const socket = new WebSocket(new URL(ADDRESS, location.href.replace(/^http/, "ws")))
  state.socket = socket
  socket.addEventListener("message", event => hear(socket, event.data))
  socket.addEventListener("close", event => lose(socket, event.code))
}

/**
 * @param {Follower} follower
 * @param {AbortSignal} signal
 */
export function follow(follower, signal) {
  followers.add(follower)
  signal.addEventListener("abort", () => followers.delete(follower))
}

/**
 * Whenever the status or the connection has changed.
 * @param {() => void} watcher
 * @param {AbortSignal} signal
 */
export function watch(watcher, signal) {
  watchers.add(watcher)
  signal.addEventListener("abort", () => watchers.delete(watcher))
}

/** A fetch was answered that nobody is signed in. */
export function end() {
  state.hasEnded = true
  state.socket?.close()
}

/**
 * @param {WebSocket} socket
 * @param {unknown} words
 */
function hear(socket, words) {
  if (socket !== state.socket || typeof words !== "string") return // bytes are the gate's farewell to Streamlit
  listenForSilence(socket)
  const isBack = !state.isLive
  const { topics, spread_ms: spreadMs, now, status } = /** @type {Push} */ (JSON.parse(words))
  Object.assign(state, { isLive: true, failureCount: 0 })
  if (status) note(status, now)
  tell(isBack ? [EVERYTHING] : topics, spreadMs)
}

/**
 * @param {string[]} topics
 * @param {number} spreadMs
 */
function tell(topics, spreadMs) {
  for (const follower of followers) if (concerns(topics, follower.topics())) follower.tell(topics, spreadMs)
}

/** @param {WebSocket} socket */
function listenForSilence(socket) {
  clearTimeout(state.silenceTimer)
  state.silenceTimer = setTimeout(() => lose(socket, 0), SILENCE_MS)
}

/**
 * @param {WebSocket} socket
 * @param {number} code
 */
function lose(socket, code) {
  if (socket !== state.socket) return
  clearTimeout(state.silenceTimer)
  socket.close()
  const cutAt = state.isLive || !state.cutAt ? performance.now() : state.cutAt
  Object.assign(state, { socket: null, isLive: false, failureCount: state.failureCount + 1, cutAt })
  state.hasEnded ||= code === SESSION_ENDED
  if (!state.hasEnded) state.retryTimer = setTimeout(connect, backOffMs(state.failureCount))
  for (const watcher of watchers) watcher()
}

// Whoever looks at the screen again, or has a network again, does not wait for the next try.
function comeBack() {
  if (!document.hidden) connect()
}
document.addEventListener("visibilitychange", comeBack)
addEventListener("online", comeBack)
