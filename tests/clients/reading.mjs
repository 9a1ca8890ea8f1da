// Reads jobs from their rows, and prints what it saw beside what the API says.

import { createRequire } from 'node:module'

const { CLIENT, API, TOKEN, SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = process.env
const { createClient } = await import(CLIENT)
const { createReader } = await import(CLIENT.replace('index.js', 'supabase.js'))
const supabase = createRequire(CLIENT)('@supabase/supabase-js').createClient(
  SUPABASE_URL,
  SUPABASE_PUBLISHABLE_KEY,
  { accessToken: async () => TOKEN },
)

const api = createClient({ baseUrl: API, getToken: () => TOKEN })
const reader = createReader(supabase)
const seen = {}

const asked = await api.createJob('story', { hero: 'Fox' })
const updates = []
await reader.waitForJobCompletion(asked.id, ({ status }) => updates.push(status))
seen.updates = updates.at(-1)
seen.status = await reader.getJobStatus(asked.id)

// Times are the same, in other words; the API knows the duration to the microsecond.
const plain = ({ duration_ms, position_in_queue, ...job }) =>
  Object.fromEntries(
    Object.entries(job)
      .filter(([name]) => !name.startsWith('estimated_'))
      .map(([name, value]) => [name, name.endsWith('_at') ? Date.parse(value) : value]),
  )
seen.row = plain(await reader.getJob(asked.id))
seen.job = plain(await api.getJob(asked.id))

await api.createJob('story', { hero: 'Owl' }, { wait: 30 })
const question = await api.createJob('question', {})
seen.active = (await reader.getActiveJob('question')).id === question.id

const pages = []
for await (const page of reader.listJobs({ limit: 2 })) pages.push(page.length)
seen.pages = pages

const nobody = '00000000-0000-0000-0000-000000000000'
seen.refusal = await reader
  .getJob(nobody)
  .catch(({ constructor, code }) => [constructor.name, code])

console.log(JSON.stringify(seen))
