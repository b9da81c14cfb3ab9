// @ts-check
// What a push names, and how long a screen waits before it asks for it. No DOM, so that it is tested without a browser.

export const EVERYTHING = "everything" // also what is missed while the connection was cut
export const MINUTE = "minute"
const MINUTE_SPREAD_MS = 15000 // what time alone changes is not urgent

/**
 * @param {Iterable<string>} told
 * @param {Iterable<string>} followed
 */
export function concerns(told, followed) {
  const topics = new Set(followed)
  return [...told].some(topic => topic === EVERYTHING || topics.has(topic))
}

/**
 * A moment between 0 and the spread, so that the server answers many screens one after the other.
 * @param {string[]} told
 * @param {number} spreadMs
 * @param {() => number} [random]
 */
export function askDelayMs(told, spreadMs, random = Math.random) {
  const onlyTime = told.length === 1 && told[0] === MINUTE
  return random() * (onlyTime ? MINUTE_SPREAD_MS : spreadMs)
}
