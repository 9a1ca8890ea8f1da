import { type FormEvent, useState } from 'react'
import { Button, Heading, Problem } from '../frame/parts.tsx'
import { useRefusal } from '../frame/refusal.ts'
import { go } from '../frame/router.ts'
import { toastError } from '../frame/toasts.tsx'
import { ProjectFields, readFields } from './ProjectFields.tsx'
import { methods } from './stored.ts'

/** Connects a repository, and has it read at once. */
export default function NewProject() {
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const { form, onChange, problems, message } = useRefusal(error)

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
      <form ref={form} className="grid gap-4" onChange={onChange} onSubmit={add}>
        <ProjectFields problems={problems} />
        {message && <Problem>{message}</Problem>}
        <Button type="submit" kind="primary" isBusy={isBusy} className="sm:justify-self-start">
          Add the project
        </Button>
      </form>
    </div>
  )
}
