// @ts-check
// The sentence over the page: nothing comes in, or this screen does not hear of it.

import { removeEarlierRoot, repeat, startOnce, stateOf } from "../../streamlit/component_life.js"
import { make, setText } from "../dom.js"
import { icon } from "../icons.js"
import { current, watch } from "../live/connection.js"
import { bannerSentence } from "../live/status_words.js"

const TICK_MS = 1000

/** @typedef {{ root: HTMLElement, sentence: HTMLElement, life: AbortController | null }} State */

/** @type {WeakMap<Element, State>} */
const instances = new WeakMap()

/** @param {Element} parentElement
 * @returns {State} */
function build(parentElement) {
  removeEarlierRoot(parentElement)
  const sentence = make("span")
  const root = make("div", { class: "root", role: "alert" }, icon("warning"), sentence)
  parentElement.append(root)
  return { root, sentence, life: null }
}

/** Its place on the page is closed by the page's own style sheet as long as there is nothing to say.
 * @param {State} state */
function draw(state) {
  const words = bannerSentence(current(), performance.now())
  setText(state.sentence, words)
  document.documentElement.toggleAttribute("data-live-banner", words !== "")
}

/** @param {State} state
 * @param {AbortSignal} signal */
function start(state, signal) {
  watch(() => draw(state), signal)
  repeat(() => draw(state), TICK_MS, signal)
}

/** @param {{ parentElement: Element }} component */
export default function ({ parentElement }) {
  const state = stateOf(instances, parentElement, build)
  const cleanUp = startOnce(state, start)
  draw(state)
  return cleanUp
}
