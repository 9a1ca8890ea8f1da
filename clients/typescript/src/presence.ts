/** Whether the device says that it has no network. Where it says nothing, it may have one. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false
}

/**
 * Calls back when the network returns, or the user to the page, until the signal aborts: connections
 * may have died without a word meanwhile.
 */
export function onReturn(back: () => void, signal: AbortSignal): void {
  const { document: page } = globalThis
  const look = () => page.visibilityState === 'visible' && back()
  globalThis.addEventListener?.('online', back, { signal })
  page?.addEventListener?.('visibilitychange', look, { signal })
}
