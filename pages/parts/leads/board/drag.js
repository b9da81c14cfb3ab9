// Cards are carried by mouse or pen at once, by finger after a long press, so that a finger can still scroll.

const MOUSE_MOVES = 6 // pixels before a press becomes carrying
const FINGER_RESTS = 320 // milliseconds before a press becomes carrying
const FINGER_STRAYS = 10 // pixels after which it is scrolling
const EDGE = 56 // pixels in which the board scrolls by itself
const STEP = 14 // pixels a frame

function listenToHands(state) {
  const { root } = state
  root.onpointerdown = event => press(state, event)
  root.onpointermove = event => handMoved(state, event)
  root.onpointerup = event => { if (state.drag) drop(state, event); else forgetPress(state) }
  root.onpointercancel = () => letGo(state)
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
  if (finger) state.press.timer = setTimeout(() => lift(state), FINGER_RESTS)
}

function forgetPress(state) {
  clearTimeout(state.press?.timer)
  state.press = null
}

function handMoved(state, event) {
  if (state.drag) return follow(state, event.clientX, event.clientY)
  if (!state.press || event.pointerId !== state.press.pointer) return
  const far = Math.hypot(event.clientX - state.press.x, event.clientY - state.press.y)
  if (state.press.finger) { if (far > FINGER_STRAYS) forgetPress(state) }
  else if (far > MOUSE_MOVES) { lift(state); if (state.drag) follow(state, event.clientX, event.clientY) }
}

function lift(state) {
  const { id, node, pointer, x, y } = state.press
  forgetPress(state)
  if (!node.isConnected) return
  state.swallow = true
  if (!mayMove(state, id)) return stay(state, id)
  const box = node.getBoundingClientRect()
  const ghost = node.cloneNode(true)
  ghost.className += " ghost"
  ghost.removeAttribute("tabindex")
  ghost.style.width = `${box.width}px`
  state.root.append(ghost)
  node.classList.add("lifted")
  state.root.classList.add("carrying")
  state.drag = { id, node, ghost, dx: x - box.left, dy: y - box.top, x, y, from: stageOf(state, id), over: null }
  state.root.setPointerCapture(pointer)
  state.drag.onkey = event => { if (event.key === "Escape") { event.stopPropagation(); letGo(state) } }
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
  const way = drag.x < box.left + EDGE ? -STEP : drag.x > box.right - EDGE ? STEP : 0
  if (way) { scroller.scrollLeft += way; aim(state) }
  drag.frame = requestAnimationFrame(() => scrollAtEdges(state))
}

function drop(state) {
  const { id, over, from } = state.drag
  letGo(state)
  if (over) moveTo(state, id, over, from) // from where it was taken, though it may have been moved in the meantime
}

function letGo(state) {
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
  if (late) update(state, late)
}
