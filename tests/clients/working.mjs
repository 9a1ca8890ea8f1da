// Runs jobs, each as its params say, and says in lines of JSON what happens.

import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'

const { CLIENT, SUPABASE_URL, SUPABASE_SECRET_KEY, JOB_TYPES, DRAIN } = process.env
const { createWorker, PermanentError, RetryLaterError } = await import(
  CLIENT.replace('index.js', 'worker.js')
)
const { createClient } = createRequire(CLIENT)('@supabase/supabase-js')

const say = (...words) => console.log(JSON.stringify(words))

const acts = {
  async double({ step }, { number, seconds }) {
    const doubled = await step('double', () => 2 * number)
    await sleep(1000 * seconds)
    return { doubled, language: 'typescript' }
  },
  async climb(job) {
    const steps = []
    for (const number of [1, 2, 3]) {
      steps.push(await job.step(`step ${number}`, () => (say('step', number), { number })))
      job.report(33.3 * number, `step ${number}`)
    }
    return steps
  },
  async hold(job) {
    job.report(50, 'holds')
    say('holds')
    await sleep(3_600_000, undefined, { signal: job.signal }).catch(() => undefined)
    say('aborts', job.signal.reason.code)
    await job.step('after all', () => say('goes on'))
  },
  finishAfterAll: async ({ signal }) => {
    say('holds')
    await sleep(3_600_000, undefined, { signal }).catch(() => undefined)
    return 'paid for'
  },
  hang: () => new Promise(() => say('holds')),
  refuse() {
    const detail = { why: 'token=abcdefghijkl' }
    throw new PermanentError('There are no stories of sb_secret_abcdefgh.', { code: 'no', detail })
  },
  later: () => Promise.reject(new RetryLaterError(3600)),
  busy: () => Promise.reject(Object.assign(new Error('429'), { status: 429 })),
  crash() {
    throw new TypeError('password: "correct-horse-battery"')
  },
  number: () => 1n,
  circle() {
    const circle = {}
    circle.self = circle
    return circle
  },
  text: () => ({ 'a\0': ['half \ud800 of a pair', 'a whole 🦊', new Date(0)] }),
  async wait(job) {
    await job.sleep('briefly', { seconds: 0.1 })
    const answer = await job.waitFor('the answer', { minutes: 1 })
    await job.enqueue('the next', { job_type: 'unheard of', params: {} }).catch(() => null)
    const asked = await job.enqueue('the next', { job_type: job.job_type, params: { as: 'text' } })
    return { answer, asked }
  },
  async parents({ parents }) {
    const { before } = await parents()
    return before.result
  },
}

const act = (job, params) => acts[params.as](job, params)
const stopping = new AbortController()
process.on('SIGTERM', () => stopping.abort())

const { run, drain } = createWorker({
  supabase: createClient(SUPABASE_URL, SUPABASE_SECRET_KEY, { auth: { persistSession: false } }),
  handlers: Object.fromEntries(JOB_TYPES.split(',').map((jobType) => [jobType, act])),
  log: ({ event, cause, job_type }) => say('log', event, cause?.message ?? job_type),
})
if (DRAIN) {
  say('counts', await drain({ timeLimit: Number(DRAIN) }).catch(({ code }) => code))
} else {
  await run({ signal: stopping.signal, poll: 200, grace: 300 })
}
say('ended')
