// @ts-check
// Keeping one element per record, so that focus, scroll position, a selection and a playing recording survive an update.

/**
 * @template {HTMLElement} [Node=HTMLElement]
 * @typedef {object} Entry
 * @property {Node} node
 * @property {string} drawn what the node shows, as JSON
 */

/**
 * Puts the nodes into this order, behind the first `offset` children. Nodes that stand right are not touched.
 * @param {Element} parent
 * @param {Element[]} nodes
 * @param {number} [offset]
 */
export function placeInOrder(parent, nodes, offset = 0) {
  nodes.forEach((node, index) => {
    const current = parent.children[offset + index]
    if (current !== node) parent.insertBefore(node, current ?? null)
  })
}

/**
 * Removes the nodes of records that are no longer there.
 * @template Id
 * @param {Map<Id, { node: Element }>} entries
 * @param {Set<Id>} ids of the records that stay
 */
export function removeOthers(entries, ids) {
  for (const [id, { node }] of entries) {
    if (ids.has(id)) continue
    node.remove()
    entries.delete(id)
  }
}

/**
 * Draws only when what is to be drawn differs from what the entry shows.
 * @param {{ drawn: string }} entry
 * @param {unknown} value all that the drawing depends on
 * @param {() => void} draw
 */
export function drawIfChanged(entry, value, draw) {
  const written = JSON.stringify(value)
  if (entry.drawn === written) return
  entry.drawn = written
  draw()
}
