// Writes package-lock.json: of what package.json names, and nothing that it would need to run. That
// is 340 MB in place of 580, and eleven packages in place of five hundred.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

process.chdir(import.meta.dirname)
execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], { stdio: 'inherit' })
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const named = Object.keys(lock.packages[''].devDependencies).map((name) => `node_modules/${name}`)
lock.packages = Object.fromEntries(
  ['', ...named].map((path) => {
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta, bin, ...entry } =
      lock.packages[path]
    return [path, entry]
  }),
)
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
