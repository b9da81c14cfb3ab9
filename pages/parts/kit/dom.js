// @ts-check
// Making and changing elements.

/** @typedef {Node | string | number | null | undefined | false} Child what is empty or false is left out */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string | Record<string, string | number | boolean>} [look] a class name, or attributes
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, look = "", ...children) {
  const node = document.createElement(tag)
  const attributes = typeof look !== "string" ? look : look ? { class: look } : {}
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value))
  for (const child of children) if (child || child === 0) node.append(child instanceof Node ? child : String(child))
  return node
}

/**
 * @param {string | Record<string, string | number | boolean>} look
 * @param {...Child} children
 */
export function makeButton(look, ...children) {
  const node = make("button", look, ...children)
  node.type = "button"
  return node
}

/**
 * @template {HTMLElement} T
 * @param {T} node
 * @param {string} title
 */
export function titled(node, title) {
  node.title = title
  return node
}

/** Words that only a screen reader says.
 * @param {string} text */
export const spokenOnly = text => make("span", "said", text)

/** Leaves a text that is the same untouched, so that a selection in it and a screen reader are not disturbed.
 * @param {Node} node
 * @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}
