import { type ReactNode, useEffect, useId, useRef } from 'react'
import { focusHeading } from './parts.tsx'

interface Props {
  title: string
  onClose: () => void
  children: ReactNode
}

/** Something to be decided before anything else. Escape is no. The focus goes back to where it was. */
export function Dialog({ title, onClose, children }: Props) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  const opener = useRef(document.activeElement)
  useEffect(() => {
    dialog.current?.showModal()
    return () => {
      if (opener.current instanceof HTMLElement && opener.current.isConnected) {
        opener.current.focus()
      } else {
        focusHeading()
      }
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      className="card m-auto w-[calc(100%-2rem)] max-w-lg p-6 text-ink backdrop:bg-[#0009]"
    >
      <h2 id={id} className="mb-4 text-lg font-semibold text-foreign">
        {title}
      </h2>
      {children}
    </dialog>
  )
}
