import type { Project } from '@supajobs/client'
import { Input } from '../frame/Input.tsx'

interface Props {
  known?: Project
  problems: Readonly<Record<string, string>>
}

/** What a project is added or changed with. */
export function ProjectFields({ known, problems }: Props) {
  return (
    <>
      <Input
        name="name"
        label="Name"
        problems={problems}
        required
        maxLength={100}
        defaultValue={known?.name}
      />
      <Input
        name="repository_url"
        label="Repository"
        hint="As git clones it: https://github.com/you/website.git"
        problems={problems}
        type="url"
        required
        maxLength={2000}
        autoCapitalize="none"
        spellCheck={false}
        defaultValue={known?.repository_url}
      />
      <Input
        name="plan_path"
        label="Plan"
        hint="A Markdown file with boxes to tick, or a pattern: docs/**/plan*.md"
        problems={problems}
        required
        maxLength={1000}
        autoCapitalize="none"
        spellCheck={false}
        defaultValue={known?.plan_path ?? 'PLAN.md'}
      />
      <Input
        name="branch"
        label="Branch"
        hint="Empty: the repository’s own first one."
        problems={problems}
        maxLength={255}
        autoCapitalize="none"
        spellCheck={false}
        defaultValue={known?.branch ?? ''}
      />
      <Input
        name="token"
        label="Token"
        hint={
          known?.has_token
            ? 'One is kept. Empty: it stays, while the repository is the same.'
            : 'For a private repository. It is kept encrypted, and shown to nobody.'
        }
        problems={problems}
        type="password"
        autoComplete="off"
        maxLength={512}
      />
    </>
  )
}

/** What was filled in, by the names of the fields. */
export function readFields(form: HTMLFormElement) {
  const given = new FormData(form)
  const read = (name: string) => String(given.get(name) ?? '').trim()
  return {
    name: read('name'),
    repository_url: read('repository_url'),
    plan_path: read('plan_path'),
    branch: read('branch') || null,
    ...(read('token') && { token: read('token') }),
  }
}
