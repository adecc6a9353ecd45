import type {ChildProcess} from 'node:child_process'

/** Ctrl-C for a command that runs. */
export interface Interruption {
  /** Option of the command. */
  onStart(child: ChildProcess): void
  /** Sends SIGINT, once. Resolves when the command has noticed it: a request that is held until then starts no further step. */
  now(): Promise<void>
}

/** Returns an interruption of a command that is started with its `onStart`. */
export function interruption(): Interruption {
  let child: ChildProcess | undefined
  let noticed = Promise.resolve()
  return {
    onStart: started => {
      child = started
      noticed = printed(started, 'stderr', 'stopping: ')
    },
    now: () => {
      // A second Ctrl-C would end the program at once.
      if (!child!.killed) child!.kill('SIGINT')
      return noticed
    },
  }
}

/** Options of a command that receives Ctrl-C (SIGINT) as soon as it has printed a text, by default to stderr. */
export function interruptedAt(text: string, stream: 'stdout' | 'stderr' = 'stderr'): Pick<Interruption, 'onStart'> {
  return {onStart: child => void printed(child, stream, text).then(() => child.kill('SIGINT'))}
}

/** Resolves when a command has printed a text, or has ended. */
export function printed(child: ChildProcess, stream: 'stdout' | 'stderr', text: string): Promise<void> {
  return new Promise(resolve => {
    let all = ''
    child[stream]!.on('data', chunk => {
      all += chunk
      if (all.includes(text)) resolve()
    })
    child.once('close', () => resolve())
  })
}
