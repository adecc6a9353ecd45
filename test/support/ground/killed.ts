import type {ChildProcess} from 'node:child_process'
import {type Ground, isWrite} from './ground.ts'

/**
 * Prepares a ground for a command that is killed (SIGKILL) at its next write after `writes` of them. That write never arrives.
 * `ground.reset` ends this.
 *
 * @returns options of the command, whose exit code is then -1, or what it is without so many writes
 */
export function killedAfter(ground: Ground, writes: number): {onStart: (child: ChildProcess) => void} {
  let child: ChildProcess | undefined
  let seen = 0
  ground.reset()
  for (const {proxy} of ground.clusters)
    proxy.decide = request => {
      if (!isWrite(request) || ++seen <= writes) return 'pass'
      child!.kill('SIGKILL')
      return 'hang'
    }
  return {onStart: started => (child = started)}
}
