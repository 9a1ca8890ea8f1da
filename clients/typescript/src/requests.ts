/** What requests for jobs have in common. */

import type { CallOptions } from './connection.ts'
import type { components } from './openapi.ts'

export interface RequestOptions extends CallOptions {
  /** Your id of this request: sent twice, it makes one job. By default each call has its own. */
  idempotencyKey?: string | undefined
}

export interface WaitOptions extends RequestOptions {
  /** Seconds, at most 60: if the job ends in that time, the answer has its result. */
  wait?: number | undefined
}

export interface ProviderKeyOptions {
  /** The user's own key for a model's provider. */
  providerKey?: string | undefined
}

type Told = 'job_type' | 'params'

export interface JobOptions
  extends WaitOptions,
    ProviderKeyOptions,
    Omit<components['schemas']['JobBody'], Told> {}

export function writePreferences(
  options: WaitOptions & ProviderKeyOptions,
): Record<string, string | undefined> {
  return {
    'Idempotency-Key': options.idempotencyKey || newKey(),
    'X-Provider-Key': options.providerKey,
    Prefer: options.wait ? `wait=${options.wait}` : undefined,
  }
}

/** Unique also where there is no `crypto`: in React Native, and on pages without TLS. */
export function newKey(): string {
  return globalThis.crypto?.randomUUID?.() ?? `${Date.now()} ${Math.random()} ${Math.random()}`
}
