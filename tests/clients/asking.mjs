// Asks a real API for all that there is, and prints what became of it.

const { CLIENT, API, TOKEN, CRON_SECRET } = process.env
const { createClient, devicesOf, plansOf, schedulesOf, toolsOf } = await import(CLIENT)

const options = { baseUrl: API, getToken: () => TOKEN }
const client = createClient(options)
const stranger = createClient({ ...options, getToken: () => null })
const { createJob, getJob, waitForJobCompletion } = client
const failure = ({ constructor, code, status, errors }) => [constructor.name, code, status, errors]

const seen = {}

const story = await createJob('story', { hero: 'Fox' }, { wait: 30, idempotencyKey: 'order' })
const again = await createJob('story', { hero: 'Fox' }, { idempotencyKey: 'order' })
seen.story = [story.status, story.result, story.existing, again.id === story.id, again.existing]
seen.status = await client.getJobStatus(story.id)

const [first, second, wrong] = await client.createJobs([
  { job_type: 'story', params: { hero: 'Owl' }, ref: 'owl' },
  { job_type: 'story', params: { hero: 'Cat' }, after: ['owl'] },
  { job_type: 'story', params: {} },
])
const ends = await Promise.all([first, second].map(({ job }) => waitForJobCompletion(job.id)))
seen.batch = [ends.map(({ result }) => result), wrong.job, wrong.error.code]
seen.flow = (await client.getFlow(second.job.id)).edges.length

const pages = []
for await (const page of client.listJobs({ job_type: 'story', limit: 2 })) pages.push(page.length)
seen.pages = pages

const asked = await createJob('question', {})
seen.active = (await client.getActiveJob('question')).id === asked.id
const told = await client.signalJob(asked.id, 'the answer', { is: 42 })
seen.answer = [told.existing, (await waitForJobCompletion(asked.id)).result]
seen.noneActive = await client.getActiveJob('question')

const other = await createJob('question', {})
seen.cancelled = (await client.cancelJob(other.id), await waitForJobCompletion(other.id)).status
const retried = await client.retryJob(other.id)
await client.signalJob(retried.id, 'the answer', 'now')
seen.retried = (await waitForJobCompletion(retried.id)).result

const { createSchedule, changeSchedule, deleteSchedule, getSchedule, listSchedules, runSchedule } =
  schedulesOf(client)
const weekly = await createSchedule({
  name: 'weekly',
  job_type: 'story',
  params: { hero: 'Bee' },
  cron: '0 6 * * MON',
  time_zone: 'Europe/Madrid',
})
const paused = await changeSchedule(weekly.id, { is_paused: true })
const listed = []
for await (const page of listSchedules()) listed.push(...page)
const ran = await waitForJobCompletion((await runSchedule(weekly.id)).id)
await deleteSchedule(weekly.id)
seen.schedule = [weekly.next_times.length, paused.paused_at !== null, listed.length, ran.result]
seen.deleted = await getSchedule(weekly.id).catch(failure)

const { callTool, listTools } = toolsOf(client)
seen.tools = (await listTools()).map(({ name }) => name)
seen.tool = (await callTool('story', { hero: 'Ant' })).job.job_type

const plans = plansOf(client)
seen.available = await plans.isServerGenerationAvailable()
const plan = await plans.createAndTriggerServerPlanJob(
  { athlete_profile: { ftp: 265, weight_kg: 70, age: 35 }, weeks: 4 },
  { cronSecret: CRON_SECRET },
)
const { plan_id } = await waitForJobCompletion(plan.job_id)
const written = await plans.getPlan(plan_id)
seen.plan = [(await plans.getPlanStatus(plan.job_id)).plan_id === plan_id, typeof written.plan]

const { forgetDevice, registerDevice } = devicesOf(client)
const token = 'ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]'
const device = await registerDevice({ kind: 'expo', token })
seen.device = [device.kind, await forgetDevice(device.id)]

const nobody = '00000000-0000-0000-0000-000000000000'
seen.failures = await Promise.all([
  getJob(nobody).catch(failure),
  waitForJobCompletion(nobody).catch(failure),
  createJob('story', {}).catch(failure),
  client.cancelJob(story.id).catch(failure),
  stranger.getJob(story.id).catch(failure),
  plans.triggerQueueProcessing({ cronSecret: 'wrong' }).catch(failure),
])

console.log(JSON.stringify(seen))
