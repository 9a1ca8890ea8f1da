import { lazy } from 'react'
import type { Family } from '../families.ts'
import { NewPlan } from './NewPlan.tsx'
import { PlanList } from './PlanList.tsx'

/** Training plans. What shows one is loaded when one is opened. */
export const plans: Family = {
  jobType: 'training_plan',
  noun: 'plan',
  home: 'plans',
  place: { path: '', name: 'Plans', icon: 'plan' },
  routes: [
    { path: '', view: PlanList },
    { path: 'plans/new', view: NewPlan },
    { path: 'plans/repeat', view: lazy(() => import('./RepeatPlan.tsx')) },
    { path: 'plans/:id', view: lazy(() => import('./PlanView.tsx')) },
    { path: 'plans/:id/:tab', view: lazy(() => import('./PlanView.tsx')) },
    { path: 'plans/:id/sessions/:session', view: lazy(() => import('./SessionView.tsx')) },
  ],
  addressOf: ({ plan_id: id }) => (id ? `plans/${id}` : undefined),
}
