// Asks for jobs with the secret key, as a server does, and prints what became of it.

import { createRequire } from 'node:module'

const { CLIENT, USER, DONE, RUNNING, SUPABASE_URL, SUPABASE_SECRET_KEY, SUPABASE_PUBLISHABLE_KEY } = process.env
const { createQueue } = await import(CLIENT.replace('index.js', 'server.js'))
const { createClient } = createRequire(CLIENT)('@supabase/supabase-js')

const auth = { persistSession: false }
const queue = createQueue(createClient(SUPABASE_URL, SUPABASE_SECRET_KEY, { auth }))
const keyless = createQueue(createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { auth }))
const { enqueue, get, cancel, retry } = queue
const theirs = { user_id: USER }
const failure = ({ constructor, code, status, errors, hint }) => [
  constructor.name,
  code,
  status,
  ...(errors.length > 0 ? [errors[0].message] : []),
  ...(hint ? [hint] : []),
]
const refusal = (call) => call.then(() => 'none', failure)

const seen = {}

const told = { ...theirs, idempotency_key: 'order', priority: 'high', ttl_hours: 2 }
const first = await enqueue('story', { hero: 'Fox' }, told)
const again = await enqueue('story', { hero: 'Fox' }, told)
seen.enqueued = [first.outcome, first.job.priority, first.job.user_id === USER, first.replaced]
seen.again = [again.outcome, again.job.id === first.job.id]
seen.other = await refusal(enqueue('story', { hero: 'Owl' }, told))

const { job: question } = await enqueue('question', {}, theirs)
const { job: after } = await enqueue('story', {}, { ...theirs, after: { text: question.id } })
seen.after = after.is_held
seen.active = (await queue.getActive('question', theirs)).id === question.id
seen.told = [
  await queue.signal(question.id, 'the answer', { is: 42 }, theirs),
  await queue.signal(question.id, 'the answer', 'another', theirs),
]

const found = await get(question.id, theirs)
seen.found = [found.status, found.job_id === question.id, typeof found.position_in_queue]
seen.cancelled = (await cancel(question.id, theirs)).status
seen.retried = (await retry(question.id, theirs)).status

const { job: system } = await enqueue('story', {}, { user_id: null })
seen.system = [system.user_id, (await cancel(system.id, { user_id: null })).status]

const nobody = '00000000-0000-0000-0000-00000000000a'
seen.refusals = {
  somebodyElses: await refusal(get(first.job.id, { user_id: null })),
  ended: await refusal(cancel(DONE, theirs)),
  told: await refusal(queue.signal(DONE, 'news', null, theirs)),
  done: await refusal(retry(DONE, theirs)),
  running: await refusal(retry(RUNNING, theirs)),
  noType: await refusal(enqueue('no such type', {}, theirs)),
  noParent: await refusal(enqueue('story', {}, { ...theirs, after: [nobody] })),
  range: await refusal(enqueue('story', {}, { ...theirs, ttl_hours: 1000 })),
  text: await refusal(enqueue('story', { hero: '\0' }, theirs)),
  id: await refusal(get('7', theirs)),
  gone: await refusal(enqueue('story', {}, { user_id: nobody })),
  tooMany: await refusal(enqueue('rare', {}, theirs).then(() => enqueue('rare', {}, theirs))),
  key: await refusal(keyless.enqueue('story', {}, theirs)),
}

console.log(JSON.stringify(seen))
