// @ts-check
// What a screen says of itself. No DOM, so that it is tested without a browser.

import { duration } from "../durations.js"

const CUT_SHOWN_AFTER_MS = 2000 // a connection that comes back at once is not worth a word
const CUT_TOLD_AFTER_MS = 8000

/**
 * @typedef {object} State times are of `performance.now()`
 * @property {boolean} isLive
 * @property {boolean} hasEnded
 * @property {number} cutAt
 * @property {number | null} workerSeenAt
 * @property {import("./connection.js").Status | null} status
 */

/**
 * The line at the foot of the sidebar.
 * @param {State} state
 * @param {number} now
 * @returns {{ kind: "ok" | "warning" | "bad", words: string }}
 */
export function footLine({ isLive, hasEnded, cutAt, workerSeenAt, status }, now) {
  if (hasEnded) return { kind: "bad", words: "Signed out: this screen is not live" }
  if (!isLive && now - cutAt > CUT_SHOWN_AFTER_MS) return { kind: "bad", words: "Not live: reconnecting…" }
  if (status?.database) return { kind: "bad", words: status.database }
  if (!status || status.silent || workerSeenAt === null) return { kind: "bad", words: "worker silent" }
  if (status.worker_error) return { kind: "warning", words: `worker: ${status.worker_error}` }
  return { kind: "ok", words: `worker: ${duration(now - workerSeenAt)} ago` }
}

/**
 * The sentence over the page, empty while there is nothing that staff have to know.
 * @param {State} state
 * @param {number} now
 */
export function bannerSentence({ isLive, hasEnded, cutAt, status }, now) {
  if (hasEnded) return "You have been signed out. Reload the page to sign in; drafts are kept."
  if (!isLive && now - cutAt > CUT_TOLD_AFTER_MS) {
    return "This screen is not live: the connection to Genkō is lost, and new messages do not appear. It reconnects by itself."
  }
  return status?.silent ?? ""
}

/** @param {number} count of conversations in which somebody waits for an answer */
export const waitingMark = count => (count > 0 ? `(${count.toLocaleString("en-GB")})` : "")

/**
 * @param {string} title
 * @param {number} count
 */
export function titleWith(title, count) {
  const bare = title.replace(/^\([\d,]+\) /, "")
  return count > 0 ? `${waitingMark(count)} ${bare}` : bare
}
