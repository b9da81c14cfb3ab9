// @ts-check
// Spans of time in words, which move while a page is open. No DOM, so that it is tested without a browser.

const DAY_MS = 86400000
const DAYS_IN_WORDS = 7

/** @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86400)} d`
}

/**
 * How long ago, for a week; then the day.
 * @param {number} milliseconds
 * @param {string} date
 */
export const durationOrDate = (milliseconds, date) => (milliseconds < DAYS_IN_WORDS * DAY_MS ? duration(milliseconds) : date)
