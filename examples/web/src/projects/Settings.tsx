import type { Project } from '@supajobs/client'
import { type FormEvent, useState } from 'react'
import { passIfGone, useActing } from '../frame/acting.ts'
import { Deletion } from '../frame/Deletion.tsx'
import { Button, Problem } from '../frame/parts.tsx'
import { useRefusal } from '../frame/refusal.ts'
import { go } from '../frame/router.ts'
import { toast } from '../frame/toasts.tsx'
import { ProjectFields, readFields } from './ProjectFields.tsx'
import { methods } from './stored.ts'

interface Props {
  project: Project
  onChange: () => void
}

/** What is read, and the end of it. */
export function Settings({ project, onChange }: Props) {
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const { form, onChange: note, problems, message } = useRefusal(error)

  async function change(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const filled = event.currentTarget
    const fields = readFields(filled)
    setBusy(true)
    try {
      await methods.changeProject(project.id, fields)
      setError(undefined)
      // A token is for this address: the next one does not get it by itself.
      const token = filled.elements.namedItem('token')
      if (token instanceof HTMLInputElement) {
        token.value = ''
      }
      toast('It is saved, and read anew.')
      onChange()
    } catch (refusal) {
      setError(refusal)
    }
    setBusy(false)
  }

  return (
    <div className="grid max-w-2xl gap-8">
      <form ref={form} className="grid gap-4" onChange={note} onSubmit={change}>
        <ProjectFields known={project} problems={problems} />
        {message && <Problem>{message}</Problem>}
        <Button type="submit" kind="primary" isBusy={isBusy} className="sm:justify-self-start">
          Save
        </Button>
      </form>
      <Removal project={project} />
    </div>
  )
}

function Removal({ project: { id, name } }: { project: Project }) {
  const { isBusy, act } = useActing()
  const [isAsking, setAsking] = useState(false)

  const remove = () =>
    act(async () => {
      await methods.deleteProject(id).catch(passIfGone)
      toast(`“${name}” is deleted.`)
      go('projects')
    })

  return (
    <section aria-labelledby="deletion" className="grid justify-items-start gap-3">
      <h2 id="deletion" className="text-lg font-semibold">
        Delete
      </h2>
      <p className="text-sm text-muted">The repository itself stays as it is.</p>
      <Button kind="danger" onClick={() => setAsking(true)}>
        Delete the project
      </Button>
      {isAsking && (
        <Deletion name={name} isBusy={isBusy} onConfirm={remove} onClose={() => setAsking(false)}>
          All that was found in it goes with it, and so do its schedules.
        </Deletion>
      )}
    </section>
  )
}
