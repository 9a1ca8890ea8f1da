// As benchmarks.workers.Countdown: begins as the worker does; a handler counts its job.
export function countDown(jobs) {
  let left = jobs
  console.log('started')
  return () => {
    if (--left === 0) console.log('handled')
  }
}
