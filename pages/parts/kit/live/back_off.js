// @ts-check
// How long to wait before the next try. No DOM, so that it is tested without a browser.

const FIRST_MS = 500
const LONGEST_MS = 15000

/**
 * Doubles with each failure, and differs from screen to screen so that they do not all come back in the same moment.
 * @param {number} failureCount in a row, from 1
 * @param {() => number} [random] from 0 to 1
 */
export function backOffMs(failureCount, random = Math.random) {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failureCount - 1, 10))
  return longest * (0.5 + random() / 2)
}
