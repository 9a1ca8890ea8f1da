import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import {
  type Client,
  devicesOf,
  type JobFilters,
  plansOf,
  projectsOf,
  schedulesOf,
  toolsOf,
} from '../src/index.ts'
import { Events, ID, job, json, problem, Wire } from './wire.ts'

type Asks = [operation: string, ask: (client: Client) => unknown, path: string, body?: unknown]

const SCHEDULE = { name: 'weekly', job_type: 'story', params: {}, cron: '0 6 * * MON' }
const DEVICE = { kind: 'expo', token: 'ExponentPushToken[x]' } as const
const PROFILE = { athlete_profile: { ftp: 265, weight_kg: 70, age: 35 }, weeks: 12 }

const PROJECT = { name: 'website', repository_url: 'https://example.com/a' }
const ASKS: Asks[] = [
  [
    'POST /v1/jobs',
    (client) => client.createJob('story', { hero: 'Fox' }, { priority: 'high' }),
    '/jobs',
    { job_type: 'story', params: { hero: 'Fox' }, priority: 'high' },
  ],
  [
    'POST /v1/jobs/batch',
    (client) => client.createJobs([{ job_type: 'story', params: {}, idempotency_key: 'mine' }]),
    '/jobs/batch',
    { jobs: [{ job_type: 'story', params: {}, idempotency_key: 'mine' }] },
  ],
  ['GET /v1/jobs/{job_id}', (client) => client.getJob(ID), `/jobs/${ID}`],
  ['GET /v1/jobs/{job_id}/status', (client) => client.getJobStatus(ID), `/jobs/${ID}/status`],
  ['GET /v1/jobs/active', (client) => client.getActiveJob('a b'), '/jobs/active?job_type=a%20b'],
  [
    'GET /v1/jobs',
    (client) => client.listJobs({ status: ['failed', 'cancelled'], limit: 2 }).next(),
    '/jobs?status=failed&status=cancelled&limit=2',
  ],
  [
    'GET /v1/jobs/{job_id}/events',
    (client) => client.waitForJobCompletion(ID),
    `/jobs/${ID}/events`,
  ],
  ['GET /v1/jobs/{job_id}/flow', (client) => client.getFlow(ID), `/jobs/${ID}/flow`],
  ['DELETE /v1/jobs/{job_id}', (client) => client.cancelJob(ID), `/jobs/${ID}`],
  ['POST /v1/jobs/{job_id}/retry', (client) => client.retryJob(ID), `/jobs/${ID}/retry`],
  [
    'POST /v1/jobs/{job_id}/signals/{name}',
    (client) => client.signalJob(ID, 'the answer/1', { by: 'Ada' }),
    `/jobs/${ID}/signals/the%20answer%2F1`,
    { by: 'Ada' },
  ],
  [
    'POST /v1/schedules',
    (client) => schedulesOf(client).createSchedule(SCHEDULE),
    '/schedules',
    SCHEDULE,
  ],
  ['GET /v1/schedules', (client) => schedulesOf(client).listSchedules().next(), '/schedules'],
  [
    'GET /v1/schedules/{schedule_id}',
    (client) => schedulesOf(client).getSchedule('s'),
    '/schedules/s',
  ],
  [
    'PATCH /v1/schedules/{schedule_id}',
    (client) => schedulesOf(client).changeSchedule('s', { is_paused: true }),
    '/schedules/s',
    { is_paused: true },
  ],
  [
    'DELETE /v1/schedules/{schedule_id}',
    (client) => schedulesOf(client).deleteSchedule('s'),
    '/schedules/s',
  ],
  [
    'POST /v1/schedules/{schedule_id}/run',
    (client) => schedulesOf(client).runSchedule('s'),
    '/schedules/s/run',
  ],
  [
    'POST /v1/plan/generate',
    (client) => plansOf(client).createServerPlanJob(PROFILE),
    '/plan/generate',
    PROFILE,
  ],
  [
    'GET /v1/plan/status/{job_id}',
    (client) => plansOf(client).getPlanStatus(ID),
    `/plan/status/${ID}`,
  ],
  ['GET /v1/plans/{plan_id}', (client) => plansOf(client).getPlan('p'), '/plans/p'],
  [
    'POST /v1/queue/process',
    (client) => plansOf(client).triggerQueueProcessing({ cronSecret: 'secret' }),
    '/queue/process',
  ],
  [
    'GET /v1/health/ready',
    (client) => plansOf(client).isServerGenerationAvailable(),
    '/health/ready',
  ],
  ['POST /v1/projects', (client) => projectsOf(client).addProject(PROJECT), '/projects', PROJECT],
  ['GET /v1/projects', (client) => projectsOf(client).listProjects().next(), '/projects'],
  ['GET /v1/projects/{project_id}', (client) => projectsOf(client).getProject('p'), '/projects/p'],
  [
    'PATCH /v1/projects/{project_id}',
    (client) => projectsOf(client).changeProject('p', { branch: null }),
    '/projects/p',
    { branch: null },
  ],
  [
    'DELETE /v1/projects/{project_id}',
    (client) => projectsOf(client).deleteProject('p'),
    '/projects/p',
  ],
  [
    'POST /v1/projects/{project_id}/refresh',
    (client) => projectsOf(client).refreshProject('p'),
    '/projects/p/refresh',
  ],
  [
    'GET /v1/projects/{project_id}/jobs',
    (client) => projectsOf(client).listProjectJobs('p').next(),
    '/projects/p/jobs',
  ],
  [
    'GET /v1/projects/{project_id}/tasks',
    (client) => projectsOf(client).listProjectTasks('p').next(),
    '/projects/p/tasks',
  ],
  [
    'GET /v1/projects/{project_id}/skills',
    (client) => projectsOf(client).getProjectSkills('p'),
    '/projects/p/skills',
  ],
  [
    'GET /v1/projects/{project_id}/progress',
    (client) => projectsOf(client).getProjectProgress('p'),
    '/projects/p/progress',
  ],
  [
    'PUT /v1/projects/{project_id}/webhook',
    (client) => projectsOf(client).setProjectWebhook('p'),
    '/projects/p/webhook',
  ],
  [
    'DELETE /v1/projects/{project_id}/webhook',
    (client) => projectsOf(client).deleteProjectWebhook('p'),
    '/projects/p/webhook',
  ],
  ['GET /v1/tools', (client) => toolsOf(client).listTools(), '/tools'],
  [
    'POST /v1/tools/{tool}',
    (client) => toolsOf(client).callTool('zones', { ftp: 265 }, { priority: 2 }),
    '/tools/zones',
    { params: { ftp: 265 }, priority: 2 },
  ],
  [
    'PUT /v1/push-tokens',
    (client) => devicesOf(client).registerDevice(DEVICE),
    '/push-tokens',
    DEVICE,
  ],
  [
    'DELETE /v1/push-tokens/{push_token_id}',
    (client) => devicesOf(client).forgetDevice('d'),
    '/push-tokens/d',
  ],
]

/** By whoever runs the queue, by forges, and the last one by apps without this client. */
const ASKED_BY_OTHERS = [
  'GET /v1/health',
  'GET /v1/health/jobs',
  'GET /v1/queue',
  'GET /v1/queue/jobs/{job_id}/attempts',
  'GET /v1/queue/scale',
  'POST /v1/projects/{project_id}/webhook',
  'GET /v1/jobs/queue-status',
]

interface Schema {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>
}

async function readSchema(): Promise<Schema> {
  return JSON.parse(await readFile(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'))
}

describe('the client', () => {
  it.each(ASKS)('asks %s', async (operation, ask, path, body) => {
    const wire = new Wire().answer(
      operation.endsWith('/events')
        ? new Events().tell(job('completed'), 'a').open
        : json({ jobs: [], schedules: [] }),
    )
    await ask(wire.client())
    const [method] = operation.split(' ')
    expect(wire.sent).toMatchObject([{ method, path }])
    expect(wire.sent[0]?.body).toEqual(body)
  })

  it('asks for all that a user may', async () => {
    const { paths } = await readSchema()
    const offered = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const asked = [...ASKS.map(([operation]) => operation), ...ASKED_BY_OTHERS]
    expect(new Set(asked)).toEqual(new Set(offered))
  })

  it('knows all filters of the list', async () => {
    const { paths } = await readSchema()
    const offered = paths['/v1/jobs']?.['get']?.parameters?.map(({ name }) => name)
    const known: Record<keyof JobFilters, true> = {
      status: true,
      job_type: true,
      project_id: true,
      since: true,
      limit: true,
    }
    expect(new Set(offered)).toEqual(new Set([...Object.keys(known), 'cursor']))
  })

  it('sends what it is given as an id nowhere else', async () => {
    const wire = new Wire().thenAlways(() => json({}))
    const client = wire.client()
    await client.cancelJob('../schedules/7')
    await schedulesOf(client).deleteSchedule('a?b#c')
    await devicesOf(client).forgetDevice('../jobs/7')
    const paths = wire.sent.map(({ path }) => path)
    expect(paths).toEqual([
      '/jobs/..%2Fschedules%2F7',
      '/schedules/a%3Fb%23c',
      '/push-tokens/..%2Fjobs%2F7',
    ])
  })

  it('works without its object', async () => {
    const wire = new Wire().answer(json(job('pending')))
    const { getJob } = wire.client()
    await expect(getJob(ID)).resolves.toMatchObject({ status: 'pending' })
  })

  it('gives each request a key of its own, unless there is one', async () => {
    const wire = new Wire().thenAlways(() => json({ jobs: [] }))
    const client = wire.client()
    await client.createJob('story', {})
    await client.createJob('story', {}, { idempotencyKey: 'mine' })
    await client.createJobs([
      { job_type: 'story', params: {} },
      { job_type: 'story', params: {}, idempotency_key: null },
    ])
    const [own, mine] = wire.sent.map(({ headers }) => headers.get('Idempotency-Key'))
    const batch = wire.sent[2]?.body as { jobs: { idempotency_key: string }[] }
    const keys = [own, ...batch.jobs.map((entry) => entry.idempotency_key)]
    expect(mine).toBe('mine')
    expect(new Set(keys).size).toBe(3)
    expect(keys.every((key) => key && key.length < 255)).toBe(true)
  })

  it('says in headers what is no part of the job', async () => {
    const wire = new Wire().answer(json(job('pending')))
    await wire.client().createJob('story', {}, { wait: 20, providerKey: 'sk-1' })
    const { headers, body } = wire.sent[0] ?? {}
    expect(headers?.get('Prefer')).toBe('wait=20')
    expect(headers?.get('X-Provider-Key')).toBe('sk-1')
    expect(body).toEqual({ job_type: 'story', params: {} })
  })

  it('is where the app serves the API', async () => {
    const wire = new Wire().answer(json(job('pending')))
    await wire.client({ baseUrl: new URL('http://app.test/background/') }).getJob(ID)
    expect(wire.sent[0]?.path).toBe(`http://app.test/background/v1/jobs/${ID}`)
  })
})

describe('a list', () => {
  it('goes on where its Link leads, when it is asked to', async () => {
    const next = { Link: '</background/v1/jobs?status=failed&cursor=a-_1>; rel="next"' }
    const wire = new Wire().answer(json({ jobs: [1, 2] }, 200, next), json({ jobs: [3] }))
    const pages = wire.client().listJobs({ status: 'failed' })
    expect(wire.sent).toHaveLength(0)
    expect((await pages.next()).value).toEqual([1, 2])
    expect(wire.sent).toHaveLength(1)
    expect((await pages.next()).value).toEqual([3])
    expect((await pages.next()).done).toBe(true)
    expect(wire.sent.map(({ path }) => path)).toEqual([
      '/jobs?status=failed',
      '/jobs?status=failed&cursor=a-_1',
    ])
  })
})

describe('plans', () => {
  it('are begun at once by who has the secret, which the user does not see', async () => {
    const wire = new Wire().answer(json({ job_id: ID }, 202), json({ settled: null }, 202))
    const plans = plansOf(wire.client())
    await plans.createAndTriggerServerPlanJob(PROFILE, { cronSecret: 'secret' })
    const sent = wire.sent.map(({ path, headers }) => [path, headers.get('Authorization')])
    expect(sent).toEqual([
      ['/plan/generate', 'Bearer token'],
      ['/queue/process', 'Bearer secret'],
    ])
  })

  it('that may not be triggered so are not tried as a user', async () => {
    const wire = new Wire().answer(problem(401, 'wrong_secret'))
    const { triggerQueueProcessing } = plansOf(wire.client({ getToken: () => 'other' }))
    await expect(triggerQueueProcessing({ cronSecret: 'secret' })).rejects.toMatchObject({
      code: 'wrong_secret',
    })
    expect(wire.sent).toHaveLength(1)
  })

  it.each([
    ['the API is ready', json({ status: 'ready' }), true],
    ['Supabase is away', problem(503, 'supabase_unavailable'), false],
    ['nobody answers', new TypeError('fetch failed'), false],
  ])('can be asked for: %s', async (_, reply, expected) => {
    const plans = plansOf(new Wire().answer(reply).client())
    await expect(plans.isServerGenerationAvailable()).resolves.toBe(expected)
  })
})

describe('a plan that a server has begun', () => {
  const ask = (wire: Wire) =>
    plansOf(wire.client()).createAndTriggerServerPlanJob(PROFILE, { cronSecret: 'secret' })

  it('is there, also while it cannot be begun', async () => {
    const wire = new Wire().answer(json({ job_id: ID }), problem(500, 'internal_error'))
    await expect(ask(wire)).resolves.toEqual({ job_id: ID })
  })

  it('says that the secret is wrong', async () => {
    const wire = new Wire().answer(json({ job_id: ID }), problem(401, 'wrong_secret'))
    await expect(ask(wire)).rejects.toMatchObject({ code: 'wrong_secret' })
  })
})
