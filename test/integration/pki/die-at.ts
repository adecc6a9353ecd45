// Preloaded (`node --import`) into a process, which it kills with SIGKILL right before its Nth change of the file system.
import fs from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'

const dieAt = Number(process.env.DIE_AT)
let changes = 0

for (const name of ['mkdir', 'mkdtemp', 'open', 'rename', 'link', 'rm', 'chmod'] as const) {
  const real = fs.promises[name] as (...args: unknown[]) => Promise<unknown>
  const counted = async (...args: unknown[]) => {
    if (++changes === dieAt) process.kill(process.pid, 'SIGKILL')
    return real(...args)
  }
  Object.assign(fs.promises, {[name]: counted})
}
syncBuiltinESMExports()
