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
