// @ts-check
// Cards are carried by mouse or pen at once, by finger after a long press, so that a finger can still scroll.

/**
 * What carrying asks of the board.
 * @typedef {object} Board
 * @property {(id: number) => string} stageOf
 * @property {(id: number) => boolean} mayMove
 * @property {(id: number) => void} refuse says that this card stays where it is
 * @property {(id: number, to: string, from: string) => void} moveTo
 * @property {(data: unknown) => void} update draws what came while a card was carried
 */

const MOUSE_MOVES_PX = 6 // before a press becomes carrying
const FINGER_RESTS_MS = 320 // before a press becomes carrying
const FINGER_STRAYS_PX = 10 // after which it is scrolling
const EDGE_PX = 56 // in which the board scrolls by itself
const STEP_PX = 14 // each frame

/**
 * @param {any} state
 * @param {Board} board
 */
export function listenToHands(state, board) {
  const { root } = state
  state.board = board
  root.onpointerdown = event => press(state, event)
  root.onpointermove = event => handMoved(state, event)
  root.onpointerup = () => { if (state.drag) drop(state); else forgetPress(state) }
  root.onpointercancel = () => putDown(state)
  root.oncontextmenu = event => { if (state.drag || state.press?.finger) event.preventDefault() }
  // Only a listener that may refuse keeps a finger from scrolling in the middle of its way.
  root.addEventListener("touchmove", event => { if (state.drag) event.preventDefault() }, { passive: false })
}

function press(state, event) {
  const node = event.target.closest(".card")
  state.swallow = false
  if (!node || event.button !== 0 || !event.isPrimary || event.target.closest("button") || !state.data.can_edit) return
  const finger = event.pointerType === "touch"
  state.press = { id: Number(node.dataset.id), node, finger, pointer: event.pointerId, x: event.clientX, y: event.clientY }
  if (finger) state.press.timer = setTimeout(() => lift(state), FINGER_RESTS_MS)
}

function forgetPress(state) {
  clearTimeout(state.press?.timer)
  state.press = null
}

function handMoved(state, event) {
  if (state.drag) return follow(state, event.clientX, event.clientY)
  if (!state.press || event.pointerId !== state.press.pointer) return
  const far = Math.hypot(event.clientX - state.press.x, event.clientY - state.press.y)
  if (state.press.finger) { if (far > FINGER_STRAYS_PX) forgetPress(state) }
  else if (far > MOUSE_MOVES_PX) { lift(state); if (state.drag) follow(state, event.clientX, event.clientY) }
}

function lift(state) {
  const { id, node, pointer, x, y } = state.press
  forgetPress(state)
  if (!node.isConnected) return
  state.swallow = true
  if (!state.board.mayMove(id)) return state.board.refuse(id)
  const box = node.getBoundingClientRect()
  const ghost = node.cloneNode(true)
  ghost.className += " ghost"
  ghost.removeAttribute("tabindex")
  ghost.style.width = `${box.width}px`
  state.root.append(ghost)
  node.classList.add("lifted")
  state.root.classList.add("carrying")
  state.drag = { id, node, ghost, dx: x - box.left, dy: y - box.top, x, y, from: state.board.stageOf(id), over: null }
  state.root.setPointerCapture(pointer)
  state.drag.onkey = event => { if (event.key === "Escape") { event.stopPropagation(); putDown(state) } }
  document.addEventListener("keydown", state.drag.onkey, true)
  navigator.vibrate?.(10)
  follow(state, x, y)
  state.drag.frame = requestAnimationFrame(() => scrollAtEdges(state))
}

function follow(state, x, y) {
  const { drag, root } = state
  const box = root.getBoundingClientRect()
  Object.assign(drag, { x, y })
  drag.ghost.style.transform = `translate(${x - drag.dx - box.left}px, ${y - drag.dy - box.top}px) rotate(1.2deg)`
  aim(state)
}

function aim(state) {
  const { drag, root } = state
  const place = root.getRootNode().elementFromPoint(drag.x, drag.y)?.closest("[data-stage]")
  const over = place && place.dataset.stage !== drag.from ? place.dataset.stage : null
  if (over === drag.over) return
  drag.over = over
  for (const one of root.querySelectorAll("[data-stage]")) one.classList.toggle("over", one.dataset.stage === over)
}

function scrollAtEdges(state) {
  const { drag, scroller } = state
  if (!drag) return
  const box = scroller.getBoundingClientRect()
  const way = drag.x < box.left + EDGE_PX ? -STEP_PX : drag.x > box.right - EDGE_PX ? STEP_PX : 0
  if (way) { scroller.scrollLeft += way; aim(state) }
  drag.frame = requestAnimationFrame(() => scrollAtEdges(state))
}

function drop(state) {
  const { id, over, from } = state.drag
  putDown(state)
  if (over) state.board.moveTo(id, over, from) // from where it was taken, though it may have been moved in the meantime
}

export function putDown(state) {
  forgetPress(state)
  const { drag, late } = state
  if (!drag) return
  state.drag = state.late = null
  cancelAnimationFrame(drag.frame)
  document.removeEventListener("keydown", drag.onkey, true)
  drag.ghost.remove()
  drag.node.classList.remove("lifted")
  state.root.classList.remove("carrying")
  for (const one of state.root.querySelectorAll(".over")) one.classList.remove("over")
  state.root.removeAttribute("aria-busy")
  if (late) state.board.update(late)
}
