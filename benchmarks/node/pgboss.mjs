// pg-boss's own work(): node pgboss.mjs URL JOBS BATCH

import { PgBoss } from 'pg-boss'

import { countDown } from './countdown.mjs'
import { QUEUE } from './names.mjs'

const [connectionString, jobs, batchSize] = process.argv.slice(2)
const boss = new PgBoss({ connectionString, schedule: false })
boss.on('error', console.error)
await boss.start()
const count = countDown(Number(jobs))
// burstWhenBatchFull: fetch again at once while there is more, instead of every two seconds.
const options = { batchSize: Number(batchSize), burstWhenBatchFull: true }
await boss.work(QUEUE, options, async (batch) => batch.forEach(count))
