import { useState } from 'react'
import { toastError } from './toasts.tsx'

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
