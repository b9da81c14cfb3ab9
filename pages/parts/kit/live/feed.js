// @ts-check
// The data of one part of the page: asked for when a push says that it has changed, drawn when it differs.

import { backOffMs } from "./back_off.js"
import { end, follow } from "./connection.js"
import { askDelayMs } from "./topics.js"

const LEAST_PAUSE_MS = 400 // between two questions of the same part
const UNCHANGED = 304
const SIGNED_OUT = 401

/** @typedef {{ read_at: string } & Record<string, any>} Payload */

/**
 * Answers are ordered by `read_at`: an answer that was read earlier than what is shown never replaces it.
 */
export class Feed {
  /** @param {(payload: Payload) => void} draw */
  constructor(draw) {
    this.draw = draw
    this.address = ""
    /** @type {Record<string, string>} */
    this.headers = {}
    this.key = ""
    /** @type {string[]} */
    this.topics = []
    this.readAt = ""
    this.etag = ""
    this.isAsking = false
    this.isStale = false
    this.askedAt = -Infinity
    this.failureCount = 0
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined
    this.dueAt = Infinity
  }

  /**
   * What the page's script has drawn, and where it is to be kept up to date from. Says whether that is the newest data.
   * @param {{ address: string, headers?: Record<string, string>, topics: string[], readAt: string }} shown
   */
  show({ address, headers = {}, topics, readAt }) {
    const key = JSON.stringify([address, headers])
    const isNewest = key !== this.key || readAt >= this.readAt
    Object.assign(this, { address, headers, key, topics })
    if (isNewest) Object.assign(this, { readAt, etag: "" })
    return isNewest
  }

  /** @param {AbortSignal} signal */
  start(signal) {
    follow({ topics: () => this.topics, tell: (topics, spreadMs) => this.askSoon(askDelayMs(topics, spreadMs)) }, signal)
    document.addEventListener("visibilitychange", () => this.isStale && this.askSoon(0), { signal })
    signal.addEventListener("abort", () => clearTimeout(this.timer))
    this.askSoon(0) // what has changed between the script's reading and this moment
  }

  /** @param {number} delayMs */
  askSoon(delayMs) {
    this.isStale = true
    if (document.hidden || this.isAsking) return // it asks when somebody looks, or when the answer on its way is there
    const dueAt = Math.max(performance.now() + delayMs, this.askedAt + LEAST_PAUSE_MS)
    if (dueAt >= this.dueAt) return
    clearTimeout(this.timer)
    this.dueAt = dueAt
    this.timer = setTimeout(() => this.ask(), dueAt - performance.now())
  }

  async ask() {
    this.dueAt = Infinity
    if (!this.address) return
    const { address, headers, key } = this
    Object.assign(this, { isAsking: true, isStale: false, askedAt: performance.now() })
    const answer = await this.request(address, headers)
    this.isAsking = false
    if (key !== this.key) return this.askSoon(0)
    if (answer === null) return this.tryAgain()
    this.failureCount = 0
    if (answer && answer.payload.read_at >= this.readAt) this.take(answer)
    if (this.isStale) this.askSoon(0)
  }

  /**
   * `undefined` when nothing has changed, `null` when no answer came.
   * @param {string} address
   * @param {Record<string, string>} headers
   * @returns {Promise<{ payload: Payload, etag: string } | null | undefined>}
   */
  async request(address, headers) {
    /** @type {Record<string, string>} */
    const conditional = this.etag ? { "If-None-Match": this.etag } : {}
    try {
      const answer = await fetch(address, { headers: { ...headers, ...conditional }, cache: "no-store", credentials: "same-origin" })
      if (answer.status === SIGNED_OUT) end()
      if (answer.status === UNCHANGED || (answer.status >= 400 && answer.status < 500)) return undefined
      return answer.ok ? { payload: await answer.json(), etag: answer.headers.get("etag") ?? "" } : null
    } catch {
      return null
    }
  }

  /** @param {{ payload: Payload, etag: string }} answer */
  take({ payload, etag }) {
    Object.assign(this, { readAt: payload.read_at, etag })
    this.draw(payload)
  }

  tryAgain() {
    this.failureCount += 1
    this.askSoon(backOffMs(this.failureCount))
  }
}
