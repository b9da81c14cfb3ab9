// @ts-check
// What list, thread and composer tell each other.

/** How long the conversation that was chosen may take to open. */
export const OPEN_TIMEOUT_MS = 6000

const OPENING = "genko-open"
const BACK_TO_LIST = "genko:list"

/** A row was chosen: its conversation is on its way.
 * @param {number} conversationId */
export const announceOpening = conversationId => document.dispatchEvent(new CustomEvent(OPENING, { detail: conversationId }))

/**
 * @param {(conversationId: number) => void} listener
 * @param {AbortSignal} signal
 */
export function onOpening(listener, signal) {
  document.addEventListener(OPENING, event => listener(/** @type {CustomEvent<number>} */ (event).detail), { signal })
}

/** Esc in the composer: the list takes the focus. */
export const goBackToList = () => document.dispatchEvent(new Event(BACK_TO_LIST))

/**
 * @param {() => void} listener
 * @param {AbortSignal} signal
 */
export const onBackToList = (listener, signal) => document.addEventListener(BACK_TO_LIST, listener, { signal })

/**
 * What has come into the conversation that is drawn, without a run of the script.
 * @typedef {{ conversation: number, newestId: number, windowClosesAt: string | null, readAt: string }} News
 */
const NEWS = "genko-conversation-news"

/** @param {News} news */
export const announceNews = news => document.dispatchEvent(new CustomEvent(NEWS, { detail: news }))

/**
 * @param {(news: News) => void} listener
 * @param {AbortSignal} signal
 */
export function onNews(listener, signal) {
  document.addEventListener(NEWS, event => listener(/** @type {CustomEvent<News>} */ (event).detail), { signal })
}
