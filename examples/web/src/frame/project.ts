import { readConfig } from './config.ts'

/** The project of the user's page, which can do nothing without it. */
export const project = await readConfig().catch((error: unknown) => {
  // There is no page yet that could say it.
  document.body.textContent = 'The server does not answer. Load this page again in a moment.'
  throw error
})
