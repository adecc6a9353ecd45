import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type Claim, formatTime} from './claim.ts'
import {type Measured, measure, type Rounds} from './measure.ts'

const root = join(import.meta.dirname, '..')

/** The commands, each with what it may cost in starts of Node that do nothing. */
const commands: {what: string; argv: string[]; id?: string; bound: number}[] = [
  {what: '`kubectl mesh --help`', argv: ['bin/run.js', '--help'], bound: 3.5},
  {
    what: '`federate --dry-run=client` for 2 clusters',
    argv: ['bin/run.js', 'federate', '--contexts', 'east,west', '--dry-run=client', '--no-input'],
    bound: 4,
  },
  {
    what: '`tenant add --dry-run=client --via none`',
    id: 'tenant:add',
    argv: [
      'bin/run.js',
      'tenant',
      'add',
      'blue',
      '--namespaces',
      'a,b',
      '--dry-run=client',
      '--via',
      'none',
      '--no-input',
    ],
    bound: 4,
  },
  {what: 'completion of a flag', argv: ['bin/complete.js', 'federate', '--'], bound: 1.3},
]

/** How long commands take that ask no cluster, against `node -e 0` in the same loop. */
export async function startupClaims(rounds: Rounds): Promise<Claim[]> {
  const known = Object.keys(JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')).commands)
  const there = commands.filter(({id}) => id === undefined || known.includes(id))
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-bench-'))
  try {
    // The compile cache goes to TMPDIR: this one begins empty, and the warm-ups fill it.
    const env = {KUBECONFIG: join(folder, 'kubeconfig'), TMPDIR: folder}
    writeFileSync(env.KUBECONFIG, kubeconfig)
    const measured: Record<string, Measured> = {node: {argv: [process.execPath, '-e', '0']}}
    for (const {
      what,
      argv: [script, ...args],
    } of there)
      measured[what] = {argv: [process.execPath, join(root, script!), ...args], env}
    const times = await measure(measured, rounds)
    return there.map(({what, bound}) => ({
      what,
      ours: formatTime(times[what]!),
      theirs: `\`node -e 0\`: ${formatTime(times.node!)}`,
      value: times[what]! / times.node!,
      bound,
      is: 'at most',
      unit: '×',
    }))
  } finally {
    rmSync(folder, {recursive: true})
  }
}

/** Two contexts; nobody answers there, and nobody is asked. */
const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- {name: nowhere, cluster: {server: 'https://203.0.113.1:6443'}}
users:
- {name: nobody, user: {}}
contexts:
- {name: east, context: {cluster: nowhere, user: nobody}}
- {name: west, context: {cluster: nowhere, user: nobody}}
`
