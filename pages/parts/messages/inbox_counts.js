// @ts-check
// The list tells the tabs how many conversations each of them has.

const COUNTS = "genko-inbox-counts"

/** @typedef {{ active: number, closed: number, read_at: string }} Counts */

/** @param {Counts} counts */
export const announceCounts = counts => document.dispatchEvent(new CustomEvent(COUNTS, { detail: counts }))

/**
 * @param {(counts: Counts) => void} listener
 * @param {AbortSignal} signal
 */
export function onCounts(listener, signal) {
  document.addEventListener(COUNTS, event => listener(/** @type {CustomEvent<Counts>} */ (event).detail), { signal })
}
