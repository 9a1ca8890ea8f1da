// Installs a queue in the database and prints the statements that its package really sends, as
// JSON: what Python then times over the same driver as everything else.
//
//   node statements.mjs pgboss|graphile postgresql://…

import { makeWorkerUtils, runOnce } from 'graphile-worker'
import pg from 'pg'
import { PgBoss } from 'pg-boss'

import { QUEUE, SILENT } from './names.mjs'

const BATCH = 100
const sent = []

function record() {
  const query = pg.Client.prototype.query
  pg.Client.prototype.query = function (first, ...rest) {
    const text = typeof first === 'string' ? first : first.text
    sent.push({ text, values: first.values ?? (Array.isArray(rest[0]) ? rest[0] : []) })
    return query.call(this, first, ...rest)
  }
}

// What was sent while `act` ran, of which only what matches counts.
async function during(act, pattern) {
  const from = sent.length
  await act()
  const found = sent.slice(from).find(({ text }) => pattern.test(text))
  if (!found) throw new Error(`nothing sent matches ${pattern}`)
  return found
}

async function pgboss(connectionString) {
  const boss = new PgBoss({ connectionString, supervise: false, schedule: false })
  await boss.start()
  await boss.createQueue(QUEUE)
  const statements = {
    enqueue: await during(() => boss.send(QUEUE, {}), /insert into/i),
    claim: await during(() => boss.fetch(QUEUE), /skip locked/i),
    claimBatch: await during(() => boss.fetch(QUEUE, { batchSize: BATCH }), /skip locked/i),
  }
  // Jobs, not ids: so a worker completes them, fenced by the attempt that it fetched.
  await boss.send(QUEUE, {})
  const [job] = await boss.fetch(QUEUE)
  statements.complete = await during(() => boss.complete(QUEUE, [job]), /update/i)
  await boss.stop({ graceful: false })
  return statements
}

async function graphile(connectionString) {
  const noop = () => {}
  const utils = await makeWorkerUtils({ connectionString, logger: SILENT })
  await utils.migrate()
  const statements = {
    enqueue: await during(() => utils.addJob(QUEUE, {}), /add_job/),
  }
  const drain = (worker) =>
    runOnce({ connectionString, taskList: { [QUEUE]: noop }, logger: SILENT, preset: { worker } })
  const one = { concurrentJobs: 1 }
  const batches = {
    concurrentJobs: 10,
    localQueue: { size: BATCH },
    completeJobBatchDelay: 0,
  }
  statements.claim = await during(() => drain(one), /skip\s+locked/)
  await utils.addJob(QUEUE, {})
  statements.complete = await during(() => drain(one), /delete from/)
  for (let i = 0; i < BATCH; i++) await utils.addJob(QUEUE, {})
  const from = sent.length
  await drain(batches)
  const batched = sent.slice(from)
  statements.claimBatch = batched.find(({ text }) => /skip\s+locked/.test(text))
  statements.completeBatch = batched.find(({ text }) => /delete from[^]*unnest/.test(text))
  await utils.release()
  return statements
}

const [system, connectionString] = process.argv.slice(2)
record()
console.log(JSON.stringify(await { pgboss, graphile }[system](connectionString)))
process.exit(0)
