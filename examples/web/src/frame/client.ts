import { createClient, defineJobTypes, type PlanRequest } from '@supajobs/client'
import { createHooks } from '@supajobs/client/react'
import { auth, getToken } from './session.ts'

export const client = createClient({
  baseUrl: location.origin,
  getToken,
  jobTypes: defineJobTypes<{
    training_plan: { params: PlanRequest; result: { title: string } }
    project_refresh: { params: Record<string, never>; result: unknown }
  }>(),
})

const hooks = createHooks(client)
export const { useActiveJob, useCreateJob, useJob, useRefresh } = hooks

const keepers = new Set([hooks.forget])

/** Has what is kept of a user forgotten at each change of user: the next one is shown none of it. */
export function forgetWithUser(forget: () => void): void {
  keepers.add(forget)
}

let user: string | undefined
auth.onAuthStateChange((_event, session) => {
  if (user && session?.user.id !== user) {
    for (const forget of keepers) {
      forget()
    }
  }
  user = session?.user.id
})

/** One of the user's jobs, of any type that this page knows. */
export type OwnJob = Awaited<ReturnType<typeof client.getJob>>
