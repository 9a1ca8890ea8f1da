import { createClient, defineJobTypes, type PlanRequest } from '@supajobs/client'
import { createHooks } from '@supajobs/client/react'
import { getToken } from './session.ts'

export const client = createClient({
  baseUrl: location.origin,
  getToken,
  jobTypes: defineJobTypes<{
    training_plan: { params: PlanRequest; result: { title: string } }
  }>(),
})

export const { useActiveJob, useCreateJob, useJob } = createHooks(client)

/** One of the user's jobs, of any type that this page knows. */
export type OwnJob = Awaited<ReturnType<typeof client.getJob>>
