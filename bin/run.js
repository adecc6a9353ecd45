#!/usr/bin/env node
// Uses only syntax of Node 14.14, so that an outdated Node prints an error and no stack trace.
import module from 'node:module'

// An import of node:fs would also load the streams.
const require = module.createRequire(import.meta.url)
const {engines} = require('../package.json')
const root = require('node:path').join(require('node:url').fileURLToPath(import.meta.url), '../..')

/** Whether a version is in a range. Supports the forms in package.json: `^1.2.3 || >=4`. */
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
  // os.homedir() throws without HOME and an entry in /etc/passwd, as in some containers, and oclif calls it on import.
  try {
    require('node:os').homedir()
  } catch {
    process.env.HOME = '/'
  }
  import('../dist/main.js').then(
    ({start}) => start(process.argv.slice(2), {root}),
    error => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
      process.stderr.write('error: kubectl-mesh is not built\nhint:  npm run build\n')
      process.exitCode = 3
    },
  )
} else {
  process.stderr.write(
    `error: kubectl mesh requires Node.js ${engines.node}, but this is Node.js ${process.versions.node}\n`,
  )
  process.exitCode = 2
}
