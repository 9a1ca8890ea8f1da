/** Whether the device says that it has no network. Where it says nothing, it may have one. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false
}

/**
 * Calls back when the network returns, or the user to the page: connections may have died without
 * a word meanwhile. The answer ends it.
 */
export function onReturn(back: () => void): () => void {
  const { document: page } = globalThis
  const look = () => page.visibilityState === 'visible' && back()
  globalThis.addEventListener?.('online', back)
  page?.addEventListener?.('visibilitychange', look)
  return () => {
    globalThis.removeEventListener?.('online', back)
    page?.removeEventListener?.('visibilitychange', look)
  }
}
