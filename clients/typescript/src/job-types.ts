/** What jobs of each type are asked for with, and have as their result. */
export type JobTypes = Record<string, { params: object; result: unknown }>

/** Whatever: for an app that has not told its types. */
export type AnyJobTypes = Record<string, { params: Record<string, unknown>; result: unknown }>

export type JobTypeName<Types extends JobTypes> = keyof Types & string

/** A job's id: a string, which knows the type of its job where it came from this client. */
export type JobId<Name extends string = string> = string & { readonly '~jobType'?: Name }

/** What `defineJobTypes` gives to `createClient`: nothing but types. */
export interface DefinedJobTypes<Types extends JobTypes> {
  readonly '~jobTypes'?: Types
}

/**
 * The types of an app's jobs, for its client:
 *
 *     const jobTypes = defineJobTypes<{
 *       story: { params: { hero: string }; result: { chapters: string[] } }
 *     }>()
 *     const jobs = createClient({ baseUrl, getToken, jobTypes })
 */
export function defineJobTypes<Types extends JobTypes>(): DefinedJobTypes<Types> {
  return {}
}
