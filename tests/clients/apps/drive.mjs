// Uses the apps with the real API, as people do, and prints what they saw.

import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

const { APPS, CLIENT, TOKEN } = process.env
const client = createRequire(CLIENT)
const dist = (name) => fileURLToPath(new URL(`${name}.js`, CLIENT))
const platforms = fileURLToPath(new URL('platforms.mjs', import.meta.url))

const { Window } = client('happy-dom')
const window = new Window()
Object.assign(globalThis, { window, document: window.document })

await client('esbuild').build({
  stdin: {
    contents: `
      export { createElement } from 'react'
      export { createRoot } from 'react-dom/client'
      export * as plans from './plans.ts'
      export { client } from './jobs.ts'
      export { supabase as web } from './supabase.ts'
      export { supabase as phone } from './expo/supabase.ts'
      export { default as Page } from './app/story/page.tsx'
      export { default as Screen } from './expo/app/story.tsx'
      export { POST as askForStory } from './app/api/stories/route.ts'
      export { POST as askForPlan } from './app/api/plans/route.ts'
    `,
    resolveDir: APPS,
  },
  alias: {
    '@supajobs/client/react': dist('react'),
    '@supajobs/client/server': dist('server'),
    '@supajobs/client': dist('index'),
    '@react-native-async-storage/async-storage': platforms,
    'next/server': platforms,
    'react-native': platforms,
  },
  nodePaths: [fileURLToPath(new URL('../node_modules', CLIENT))],
  bundle: true,
  format: 'esm',
  platform: 'node',
  jsx: 'automatic',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('/')" },
  outfile: `${APPS}/apps.mjs`,
})
const apps = await import(pathToFileURL(`${APPS}/apps.mjs`))
const session = { access_token: TOKEN, refresh_token: 'none' }
await apps.web.auth.setSession(session)
await apps.phone.auth.setSession(session)

async function until(is) {
  for (const began = Date.now(); !is(); ) {
    if (Date.now() - began > 90_000) throw new Error(`In vain: ${document.body.innerHTML}`)
    await new Promise((done) => setTimeout(done, 20))
  }
}

/** Presses the button, and looks until the story is there. */
async function tellStory(App) {
  const place = document.body.appendChild(document.createElement('div'))
  const root = apps.createRoot(place)
  root.render(apps.createElement(App))
  await until(() => place.querySelector('button'))
  place.querySelector('button').click()
  await until(() => place.textContent.includes('asleep'))
  root.unmount()
  return 'told'
}

const request = (body, headers = { Authorization: `Bearer ${TOKEN}` }) =>
  new Request('https://app.test', { method: 'POST', headers, body: JSON.stringify(body) })

const seen = {}
seen.page = await tellStory(apps.Page)
seen.screen = await tellStory(apps.Screen)

const answer = await apps.askForStory(request({ hero: 'Owl' }))
const { id } = await answer.json()
const story = await apps.client.waitForJobCompletion(id)
seen.route = [answer.status, story.result]
seen.stranger = (await apps.askForStory(request({ hero: 'Owl' }, {}))).status

const { onDeviceFirst, onServer, whenAppOpens } = apps.plans
const wish = { athlete_profile: { ftp: 265, weight_kg: 70, age: 35 }, weeks: 4 }
const kinds = async (plan) => typeof (await plan)
const fail = () => Promise.reject(new Error('no model here'))
seen.onDevice = await onDeviceFirst(wish, async () => 'made here')
seen.fallback = await kinds(onDeviceFirst(wish, fail))
const percentages = []
seen.onServer = await kinds(onServer(wish, (percentage) => percentages.push(percentage)))
seen.percentages = percentages.length > 0
seen.nothing = await whenAppOpens()
const asked = await apps.askForPlan(request(wish))
seen.asked = [asked.status, typeof (await asked.json()).job_id]

const refusal = async (answer) => [answer.status, (await answer.json()).code]
seen.tooMany = await refusal(await apps.askForStory(request({ hero: 'Bat' })))
seen.refused = await refusal(await apps.askForPlan(request({ weeks: 'many' })))

console.log(JSON.stringify(seen))
process.exit(0)
