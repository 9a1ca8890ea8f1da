import type { ReactNode } from 'react'
import { Dialog } from './Dialog.tsx'
import { Button } from './parts.tsx'

interface Props {
  name: string
  isBusy: boolean
  onConfirm: () => void
  onClose: () => void
  /** What goes with it, and what stays. */
  children: ReactNode
}

/** The question before something goes for good. */
export function Deletion({ name, isBusy, onConfirm, onClose, children }: Props) {
  return (
    <Dialog title={`Delete “${name}”?`} onClose={onClose}>
      <p>{children}</p>
      <div className="mt-6 flex flex-wrap justify-end gap-3">
        <Button onClick={onClose}>No</Button>
        <Button kind="danger" isBusy={isBusy} onClick={onConfirm}>
          Yes, delete it
        </Button>
      </div>
    </Dialog>
  )
}
