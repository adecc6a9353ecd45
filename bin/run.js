#!/usr/bin/env node
// Only what Node 14.14 understands stands here, so that a too old Node gets a sentence and no stack trace.
import module from 'node:module'

// By require: an import of node:fs would load the streams with it.
const require = module.createRequire(import.meta.url)
const {engines} = require('../package.json')
const root = require('node:path').join(require('node:url').fileURLToPath(import.meta.url), '../..')

/** Whether a version is in a range of the forms that package.json uses: `^1.2.3 || >=4`. */
function isIn(version, range) {
  const [major, ...rest] = version.split('.').map(Number)
  return range.split('||').some(part => {
    const [, sign, text] = /^\s*(\^|>=)(\S+)\s*$/.exec(part)
    const [leastMajor, ...least] = text.split('.').map(Number)
    if (major !== leastMajor) return sign === '>=' && major > leastMajor
    const at = least.findIndex((number, index) => number !== rest[index])
    return at < 0 || rest[at] > least[at]
  })
}

if (isIn(process.versions.node, engines.node)) {
  module.enableCompileCache()
  import('../dist/main.js').then(
    ({start}) => start(process.argv.slice(2), {root}),
    error => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
      process.stderr.write('error: kubectl-mesh is not built\nhint:  npm run build\n')
      process.exitCode = 3
    },
  )
} else {
  process.stderr.write(`error: kubectl mesh needs Node.js ${engines.node}, and this is ${process.versions.node}\n`)
  process.exitCode = 2
}
