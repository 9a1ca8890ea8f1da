// What the apps are given in place of a phone and of Next.js.

import { createElement } from 'react'

const shown = (tag) => ({ children }) => createElement(tag, null, children)

export const View = shown('div')
export const Text = shown('p')
export const Button = ({ title, onPress, disabled }) =>
  createElement('button', { type: 'button', onClick: onPress, disabled }, title)
export const AppState = { addEventListener() {} }

export const NextResponse = Response

const kept = new Map()
export default {
  getItem: async (key) => kept.get(key) ?? null,
  setItem: async (key, value) => void kept.set(key, value),
  removeItem: async (key) => void kept.delete(key),
}
