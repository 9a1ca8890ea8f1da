import { type FormEvent, useEffect, useRef, useState } from 'react'
import { explain, listProblems } from '../frame/explain.ts'
import { Button, Heading, Problem } from '../frame/parts.tsx'
import { go } from '../frame/router.ts'
import { toastError } from '../frame/toasts.tsx'
import { ProjectFields, readFields } from './ProjectFields.tsx'
import { methods } from './stored.ts'

/** Connects a repository, and has it read at once. */
export default function NewProject() {
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const problem = useRef<HTMLParagraphElement>(null)

  useEffect(() => {
    if (error) {
      problem.current?.focus()
    }
  }, [error])

  async function add(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const fields = readFields(event.currentTarget)
    setBusy(true)
    try {
      const { id } = await methods.addProject(fields)
      // It is there; if it cannot be read now, it can be later.
      await methods.refreshProject(id).catch(toastError)
      go(`projects/${id}`)
    } catch (refusal) {
      setError(refusal)
      setBusy(false)
    }
  }

  return (
    <div className="mx-auto max-w-2xl">
      <Heading title="New project" />
      <form className="grid gap-4" onSubmit={add}>
        <ProjectFields problems={listProblems(error)} />
        {Boolean(error) && (
          <Problem ref={problem} tabIndex={-1}>
            {explain(error)}
          </Problem>
        )}
        <Button type="submit" kind="primary" isBusy={isBusy} className="sm:justify-self-start">
          Add the project
        </Button>
      </form>
    </div>
  )
}
