import { useSyncExternalStore } from 'react'
import { keep, readKept } from './storage.ts'

export type Theme = 'system' | 'light' | 'dark'

const KEY = 'theme'
const system = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()

export function getTheme(): Theme {
  const kept = readKept(KEY)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

export function setTheme(theme: Theme): void {
  keep(KEY, theme)
  applyTheme()
}

/** Has the page look as the user, or else the system, wants it. */
export function applyTheme(): void {
  const theme = getTheme()
  const shown = theme === 'system' ? (system.matches ? 'dark' : 'light') : theme
  document.documentElement.dataset['theme'] = shown
  for (const tell of listeners) {
    tell()
  }
}

system.addEventListener('change', applyTheme)

/** What is shown now, for what draws its colours itself. */
export function useShownTheme(): string {
  return useSyncExternalStore(listen, () => document.documentElement.dataset['theme'] ?? 'light')
}

function listen(tell: () => void) {
  listeners.add(tell)
  return () => {
    listeners.delete(tell)
  }
}
