/** Writes src/openapi.ts: the types of what goes over the wire, as docs/openapi.json has them. */

import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import openapiTypes, { astToString, type OpenAPI3, type SchemaObject } from 'openapi-typescript'

const SCHEMA = new URL('../../../docs/openapi.json', import.meta.url)
export const TYPES: URL = new URL('../src/openapi.ts', import.meta.url)

/** What src/openapi.ts should say. */
export async function describeTypes(): Promise<string> {
  const schema: OpenAPI3 = JSON.parse(await readFile(SCHEMA, 'utf8'))
  const { schemas = {}, examples = {} } = schema.components ?? {}
  for (const body of Object.values(schemas)) {
    requireAnswered(body)
  }
  // Of the routes only the bodies have types worth a name, and all of those are schemas.
  const types = await openapiTypes(
    { ...schema, paths: {}, components: { schemas } },
    { defaultNonNullable: false },
  )
  const codes = Object.keys(examples).map((code) => `  | '${code}'\n`)
  return [
    '// Written by scripts/write-openapi.ts from docs/openapi.json.\n\n',
    `/** What the API's refusals have as \`code\`. */\nexport type ProblemCode =\n${codes.join('')}\n`,
    astToString(types),
  ].join('')
}

/** A field with a default may be left out of a request, but is never missing in an answer. */
function requireAnswered(body: SchemaObject): void {
  const isRequest = 'additionalProperties' in body && body.additionalProperties === false
  if (isRequest || !('properties' in body)) {
    return
  }
  const filled = Object.entries(body.properties ?? {}).filter(([, field]) => 'default' in field)
  body.required = [...(body.required ?? []), ...filled.map(([name]) => name)]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(TYPES, await describeTypes())
}
