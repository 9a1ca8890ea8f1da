/** Removes from dist what has lost its source: all that is there gets published. */

import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'

const BUILT = /\.(?:d\.ts|js)$/u
const dist = new URL('../dist/', import.meta.url)
const src = new URL('../src/', import.meta.url)

const built = (await readdir(dist, { recursive: true })).filter((name) => BUILT.test(name))
const stale = built.filter((name) => !existsSync(new URL(name.replace(BUILT, '.ts'), src)))
await Promise.all(stale.map((name) => rm(new URL(name, dist), { force: true })))
