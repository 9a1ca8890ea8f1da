import { NotFoundError } from '@supajobs/client'
import { useState } from 'react'
import { toastError } from './toasts.tsx'

/** For what was to be deleted, and is gone already: in another tab, say. */
export function passIfGone(error: unknown): void {
  if (!(error instanceof NotFoundError)) {
    throw error
  }
}

/** For what is done with a button: whether it is under way; what goes wrong is said in passing. */
export function useActing() {
  const [isBusy, setBusy] = useState(false)

  async function act(action: () => Promise<void>) {
    setBusy(true)
    try {
      await action()
    } catch (error) {
      toastError(error)
    }
    setBusy(false)
  }

  return { isBusy, act }
}
