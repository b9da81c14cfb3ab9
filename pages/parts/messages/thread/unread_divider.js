// @ts-check
// Where "New messages" stands in a thread. No DOM, so that it is tested without a browser.

/**
 * By how many were read before, for the first new one may be above what is loaded, and more may have come since.
 * @param {{ id: number, author: string }[]} bubbles oldest first
 * @param {number} inboundCount of all the patient's messages
 * @param {number | null} readCount of those that were read before the conversation was opened; null: all of them
 * @returns {{ firstUnreadId: number | null, unreadAbove: number }} `unreadAbove` is what "Load earlier" would bring
 */
export function placeDivider(bubbles, inboundCount, readCount) {
  if (readCount === null) return { firstUnreadId: null, unreadAbove: 0 }
  const inbound = bubbles.filter(({ author }) => author === "patient")
  const place = readCount - (inboundCount - inbound.length)
  return { firstUnreadId: inbound[place]?.id ?? null, unreadAbove: Math.max(0, -place) }
}
