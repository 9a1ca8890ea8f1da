import { lazy } from 'react'
import type { Family } from '../families.ts'
import { NewPlan } from './NewPlan.tsx'
import { PlanList } from './PlanList.tsx'
import { readPlans } from './stored.ts'

const PlanView = lazy(() => import('./PlanView.tsx'))

/** Training plans. What shows one is loaded when one is opened. */
export const plans: Family = {
  name: 'training_plan',
  promise: 'training plans for cycling and strength',
  jobTypes: ['training_plan'],
  noun: 'plan',
  done: 'written',
  place: { name: 'Plans', icon: 'plan' },
  home: 'plans',
  routes: [
    { path: 'plans', view: PlanList },
    { path: 'plans/new', view: NewPlan },
    { path: 'plans/repeat', view: lazy(() => import('./RepeatPlan.tsx')) },
    { path: 'plans/:id', view: PlanView },
    { path: 'plans/:id/:tab', view: PlanView },
    { path: 'plans/:id/sessions/:session', view: lazy(() => import('./SessionView.tsx')) },
  ],
  beginning: { path: 'plans/new', words: 'Ask for a plan' },
  repeating: { path: 'plans/repeat', words: 'A plan every Monday' },
  readTitles: async (signal) => (await readPlans(100, signal)).map(({ id, title }) => [id, title]),
  addressOf: ({ plan_id: id }) => (id ? `plans/${id}` : undefined),
}
