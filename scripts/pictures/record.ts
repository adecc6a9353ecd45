import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {startPty} from '../../test/support/pty.ts'
import {terminalSvg} from './terminal-svg.ts'

/** Where the recorded commands run. */
export interface Recording {
  /** Folder of the project, with the built plugin. */
  root: string
  /** The working directory, with the CA folder `mesh-ca`. */
  work: string
  env: Record<string, string>
}

const size = {rows: 60, columns: 108}

const meshFile = `apiVersion: kubectl-mesh.io/v1alpha1
kind: Federation
spec:
  contexts: [east, west]
  caDir: mesh-ca
  singleNetwork: false
  credentialDuration: 2160h
  server:
    east: https://api.east.test:6443
    west: https://api.west.test:6443
`

/** Runs commands in a terminal, answers their question, and draws what the terminal shows. */
export async function record({root, work, env}: Recording): Promise<string> {
  writeFileSync(join(work, 'mesh.yaml'), meshFile)
  const run = async (words: string[], answer?: string) => {
    const program = startPty([process.execPath, join(root, 'bin/run.js'), ...words], {cwd: work, env, size})
    if (answer !== undefined) {
      await program.sees('[s]ave')
      program.type(answer)
    }
    const code = await program.ended
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}:\n${program.screen()}`)
    return `\x1b[1m$ kubectl mesh ${words.join(' ')}\x1b[0m\n${shortened(program.bytes())}`
  }
  const shown = [
    await run(['federate', '-f', 'mesh.yaml'], 'y\r'),
    await run(['federate', 'status', '--contexts', 'east,west']),
    await run(['graph', '--contexts', 'east,west']),
  ]
  return terminalSvg(shown.join('\n'), size.columns, 'kubectl mesh joins two clusters, and shows their status')
}

/** Leaves out most of the lines about single objects, and shows how many. */
function shortened(bytes: string): string {
  const lines = bytes.split('\n')
  const isObject = (line: string) => / (serverside-applied|edited) \(/.test(line)
  const dropped = lines.filter(isObject).slice(4)
  const last = lines.indexOf(dropped.at(-1)!)
  return lines
    .flatMap((line, at) =>
      at === last ? [`\x1b[2m… ${dropped.length} more objects\x1b[0m`] : dropped.includes(line) ? [] : [line],
    )
    .join('\n')
}
