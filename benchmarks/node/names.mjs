import { Logger } from 'graphile-worker'

export const QUEUE = 'benchmark'

// Only what went wrong.
export const SILENT = new Logger(() => (level, message) => {
  if (level === 'error' || level === 'warning') console.error(message)
})
