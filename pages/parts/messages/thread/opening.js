// @ts-check
// What the thread asks the server for by itself: a conversation that was clicked, and to note what was seen.

/**
 * @param {string} address
 * @param {Record<string, unknown>} content
 * @returns {Promise<any>} null when it was refused or no answer came
 */
async function post(address, content) {
  const headers = { "Content-Type": "application/json" }
  try {
    const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(content), credentials: "same-origin", cache: "no-store" })
    return answer.ok ? await answer.json() : null
  } catch {
    return null
  }
}

/** @param {number} conversationId */
export const threadAddress = conversationId => `/admin/api/thread/${conversationId}`

/** @param {number} conversationId */
export async function openThread(conversationId) {
  const payload = await post(threadAddress(conversationId), {})
  if (!payload) return null
  const { unread_at_opening: unread, inbound_count: inboundCount } = payload
  return { ...payload, readCount: unread > 0 ? inboundCount - unread : null }
}

/**
 * @param {number} conversationId
 * @param {number} inboundSeen how many of the patient's messages a visible page has shown
 */
export async function noteSeen(conversationId, inboundSeen) {
  return (await post(`${threadAddress(conversationId)}/seen`, { inbound_seen: inboundSeen })) !== null
}
