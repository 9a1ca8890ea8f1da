/** What is published: `npm test` has built it. */

import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeTypes, TYPES } from '../scripts/write-openapi.ts'

const run = promisify(execFile)
const OF_NODE = /\bnode:|\bprocess\.|\bBuffer\b|\brequire\(/u
const PACKAGE = fileURLToPath(new URL('..', import.meta.url))

/** Bytes, minified and compressed, of what an app loads that exports this. */
async function weigh(exported: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${exported} } from '@supajobs/client'`, resolveDir: PACKAGE },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length
}

function readDist(extension: string): Promise<[name: string, text: string][]> {
  const read = async (name: string): Promise<[string, string]> => [
    name,
    await readFile(`${PACKAGE}/dist/${name}`, 'utf8'),
  ]
  return readdir(`${PACKAGE}/dist`, { recursive: true }).then((names) =>
    Promise.all(names.filter((name) => name.endsWith(extension)).map(read)),
  )
}

/** Runs a program of Node's world in the package; what it prints, if it is content. */
async function node(script: string, ...given: string[]): Promise<string> {
  return (await run(process.execPath, [script, ...given], { cwd: PACKAGE })).stdout
}

interface Packed {
  filename: string
  files: { path: string }[]
}

/** What `npm publish` would send. */
async function pack(): Promise<Packed> {
  const folder = await mkdtemp(`${tmpdir()}/supajobs-client-`)
  const npm = String(process.env['npm_execpath'])
  const told = await node(npm, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder)
  const [made] = JSON.parse(told) as [Packed]
  return { ...made, filename: `${folder}/${made.filename}` }
}

describe('the size', () => {
  it('of the client is at most 5 kB', async () => {
    expect(await weigh('createClient')).toBeLessThanOrEqual(5000)
  })

  it('grows by what is used, and by that alone', async () => {
    const client = await weigh('createClient')
    expect(await weigh('createClient, plansOf')).toBeGreaterThan(client)
    expect(await weigh('defineJobTypes')).toBeLessThan(100)
    expect(await weigh('NotFoundError')).toBeLessThan(500)
  })
})

describe('the types', () => {
  it('are those of docs/openapi.json', async () => {
    expect(await readFile(TYPES, 'utf8')).toBe(await describeTypes())
  })

  it('say `any` nowhere', async () => {
    const found: string[] = []
    const declarations = await readDist('.d.ts')
    for (const [name, text] of declarations) {
      const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest)
      const look = (part: ts.Node): void => {
        if (part.kind === ts.SyntaxKind.AnyKeyword) {
          const { line } = file.getLineAndCharacterOfPosition(part.getStart(file))
          found.push(`${name}:${line + 1}`)
        }
        part.forEachChild(look)
      }
      look(file)
    }
    expect(declarations.length).toBeGreaterThan(10)
    expect(found).toEqual([])
  })
})

describe('the package', () => {
  let packed: Packed

  beforeAll(async () => {
    packed = await pack()
  })

  afterAll(async () => {
    await rm(dirname(packed.filename), { recursive: true })
  })

  it('holds what is used, and nothing else', async () => {
    const sources = await readdir(`${PACKAGE}/src`, { recursive: true })
    const modules = sources.filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -3))
    const built = modules.flatMap((name) => [`dist/${name}.d.ts`, `dist/${name}.js`])
    const files = new Set(packed.files.map(({ path }) => path))
    expect(files).toEqual(new Set(['README.md', 'package.json', ...built]))
  })

  it('is content with publint', async () => {
    const told = await node('node_modules/publint/src/cli.js', packed.filename, '--strict')
    expect(told).toContain('All good!')
  })

  it('has types that are right for who imports it', async () => {
    const attw = 'node_modules/@arethetypeswrong/cli/dist/index.js'
    const told = await node(attw, packed.filename, '--profile', 'esm-only')
    expect(told).toContain('🟢 (ESM)')
  })

  it('speaks of nothing that only Node has', async () => {
    for (const [name, text] of await readDist('.js')) {
      expect(text, name).not.toMatch(OF_NODE)
    }
  })
})
