import { type CallOptions, type Connected, pathOf } from './connection.ts'
import { passes } from './errors.ts'
import type { JobId } from './job-types.ts'
import type { components } from './openapi.ts'
import { type ProviderKeyOptions, type WaitOptions, writePreferences } from './requests.ts'

type Schemas = components['schemas']

export type Plan = Schemas['Plan']
export type PlanStatus = Schemas['PlanStatus']
export type PlanRequest = Schemas['TrainingPlanRequest']
export type RequestedPlan = Schemas['RequestedPlan']
export type Processed = Schemas['Processed']

export interface PlanOptions extends WaitOptions, ProviderKeyOptions {}

export interface ProcessingOptions extends CallOptions {
  /** CRON_SECRET, which never leaves a server. */
  cronSecret: string
}

export interface PlanMethods {
  /** Asks for a training plan: the one that is on its way already, if there is one. */
  createServerPlanJob(request: PlanRequest, options?: PlanOptions): Promise<RequestedPlan>
  /** How far a plan is, and its `plan_id` once it is completed. */
  getPlanStatus(jobId: JobId, options?: CallOptions): Promise<PlanStatus>
  getPlan(planId: string, options?: CallOptions): Promise<Plan>
  /** Whether the API answers, and so can be asked for a plan; false as well if it refuses. */
  isServerGenerationAvailable(options?: CallOptions): Promise<boolean>
  /**
   * On a server: has the jobs that are due run at once. An app has no need to: whoever asks the
   * API for a job wakes it.
   */
  triggerQueueProcessing(options: ProcessingOptions): Promise<Processed>
  /** On a server: asks for a plan, and has it begun by the API that `baseUrl` names. */
  createAndTriggerServerPlanJob(
    request: PlanRequest,
    options: PlanOptions & ProcessingOptions,
  ): Promise<RequestedPlan>
}

/** What one does with training plans: `const { createServerPlanJob } = plansOf(client)`. */
export function plansOf({ connection }: Connected): PlanMethods {
  const methods: PlanMethods = {
    createServerPlanJob: (body, options = {}) =>
      connection.call(
        '/plan/generate',
        { method: 'POST', headers: writePreferences(options), body },
        options,
      ),
    getPlanStatus: (jobId, options) => connection.call(pathOf`/plan/status/${jobId}`, {}, options),
    getPlan: (planId, options) => connection.call(pathOf`/plans/${planId}`, {}, options),
    async isServerGenerationAvailable({ signal } = {}) {
      const answer = await connection.open('/health/ready', {}, null, signal).catch(() => undefined)
      signal?.throwIfAborted()
      return answer?.ok ?? false
    },
    triggerQueueProcessing: ({ cronSecret, signal }) =>
      connection.call('/queue/process', { method: 'POST', secret: cronSecret }, { signal }),
    async createAndTriggerServerPlanJob(request, options) {
      const plan = await methods.createServerPlanJob(request, options)
      try {
        await methods.triggerQueueProcessing(options)
      } catch (error) {
        // Else the plan is on its way all the same, and begins when the trigger comes by.
        if (!passes(error)) {
          throw error
        }
      }
      return plan
    },
  }
  return methods
}
