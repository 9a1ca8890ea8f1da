import { type FormEvent, type RefObject, useEffect, useRef, useState } from 'react'
import { explain, listProblems } from './explain.ts'

interface Refusal {
  /** The form that was refused. */
  form: RefObject<HTMLFormElement | null>
  /** Told of each change in the form. */
  onChange: (event: FormEvent<HTMLFormElement>) => void
  /** What is wrong with which field, until that is another one. */
  problems: Record<string, string>
  /** What is wrong with none of the fields. */
  message: string | undefined
}

/** What was refused of a form, and where that is said: at the fields, the first of which is led to. */
export function useRefusal(error: unknown): Refusal {
  const form = useRef<HTMLFormElement>(null)
  const [message, setMessage] = useState<string>()
  const [mended, setMended] = useState<{ of: unknown; names: string[] }>()
  const names = mended?.of === error ? (mended?.names ?? []) : []
  const problems = Object.fromEntries(
    Object.entries(listProblems(error)).filter(([name]) => !names.includes(name)),
  )

  useEffect(() => {
    const fields = Object.keys(listProblems(error)).map((name) => find(form.current, name))
    const isAllAtFields = fields.length > 0 && fields.every(Boolean)
    setMessage(error && !isAllAtFields ? explain(error) : undefined)
    fields.find(Boolean)?.focus()
  }, [error])

  const onChange = ({ target }: FormEvent<HTMLFormElement>) => {
    const name = 'name' in target ? String(target.name) : ''
    if (name in problems) {
      setMended({ of: error, names: [...names, name] })
    }
  }
  return { form, onChange, problems, message }
}

/** The first field of this name. */
function find(form: HTMLFormElement | null, name: string): HTMLElement | undefined {
  const found = form?.elements.namedItem(name)
  const first = found instanceof RadioNodeList ? found[0] : found
  return first instanceof HTMLElement ? first : undefined
}
