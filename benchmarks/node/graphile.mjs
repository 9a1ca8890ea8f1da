// Graphile Worker's own runner: node graphile.mjs URL JOBS plain|batched

import { run } from 'graphile-worker'

import { countDown } from './countdown.mjs'
import { QUEUE, SILENT } from './names.mjs'

const CONCURRENCY = 24 // as in its performance test

const presets = {
  plain: {},
  batched: { localQueue: { size: 500 }, completeJobBatchDelay: 0 },
}

const [connectionString, jobs, preset] = process.argv.slice(2)
const count = countDown(Number(jobs))
await run({
  connectionString,
  taskList: { [QUEUE]: count },
  logger: SILENT,
  preset: {
    worker: { concurrentJobs: CONCURRENCY, maxPoolSize: CONCURRENCY + 1, ...presets[preset] },
  },
})
