import { type ReactNode, useEffect, useId, useRef } from 'react'

interface Props {
  title: string
  onClose: () => void
  children: ReactNode
}

/** Something to be decided before anything else. Escape is no. */
export function Dialog({ title, onClose, children }: Props) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      className="card m-auto w-[calc(100%-2rem)] max-w-lg p-6 text-ink backdrop:bg-[#0009]"
    >
      <h2 id={id} className="mb-4 text-lg font-semibold break-words">
        {title}
      </h2>
      {children}
    </dialog>
  )
}
