import { plansOf } from '@supajobs/client'
import { client, forgetWithUser } from '../frame/client.ts'
import { type Remote, useRemote } from '../frame/remote.ts'
import { readRows } from '../frame/rows.ts'
import type { TrainingPlan } from './plan.ts'

export interface StoredPlan {
  id: string
  created_at: string
  plan: TrainingPlan
}

const { getPlan } = plansOf(client)
let kept = new Map<string, StoredPlan>()
forgetWithUser(() => {
  kept = new Map() // what is on its way still comes into the old one
})

/** A plan, which never changes: it is asked for once. */
export function usePlan(id: string): Remote<StoredPlan> {
  const remote = useRemote(async (signal) => {
    const own = kept
    const plan = own.get(id) ?? ((await getPlan(id, { signal })) as unknown as StoredPlan)
    own.set(id, plan)
    return plan
  }, id)
  return { ...remote, value: remote.value ?? kept.get(id) }
}

export interface PlanHead {
  id: string
  created_at: string
  title: string
  summary: string
  discipline: TrainingPlan['discipline']
  starts_on: string
  ends_on: string
}

const FIELDS = ['title', 'summary', 'discipline', 'starts_on', 'ends_on']

/** So many of the user's plans, newest first. They stay when their jobs are gone. */
export function readPlans(many: number, signal: AbortSignal): Promise<PlanHead[]> {
  const fields = FIELDS.map((name) => `${name}:plan->>${name}`)
  const select = ['id', 'created_at', ...fields].join(',')
  return readRows(
    'weekly_base_plans',
    { select, order: 'created_at.desc', limit: String(many) },
    signal,
  )
}
