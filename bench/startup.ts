import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type Claim, formatTime} from './claim.ts'
import {type Measured, measure, type Rounds} from './measure.ts'

const root = join(import.meta.dirname, '..')

/** The measured commands. `bound` is the maximum time, as a multiple of `node -e 0`. */
const commands: {what: string; argv: string[]; id?: string; bound: number}[] = [
  {what: '`kubectl mesh --help`', argv: ['bin/run.js', '--help'], bound: 2},
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

/** Compares commands that do not connect to a cluster with `node -e 0`, in the same loop. */
export async function startupClaims(rounds: Rounds): Promise<Claim[]> {
  const known = Object.keys(JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')).commands)
  const available = commands.filter(({id}) => id === undefined || known.includes(id))
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-bench-'))
  try {
    // Node's compile cache is in TMPDIR. It is empty at first, and the warm-up rounds fill it.
    const env = {KUBECONFIG: join(folder, 'kubeconfig'), TMPDIR: folder}
    writeFileSync(env.KUBECONFIG, kubeconfig)
    const measured: Record<string, Measured> = {node: {argv: [process.execPath, '-e', '0']}}
    for (const {
      what,
      argv: [script, ...args],
    } of available)
      measured[what] = {argv: [process.execPath, join(root, script!), ...args], env}
    const times = await measure(measured, rounds)
    return available.map(({what, bound}) => ({
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

/** Two contexts without a real server. The commands do not connect to them. */
const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- {name: nowhere, cluster: {server: 'https://203.0.113.1:6443'}}
users:
- {name: user, user: {}}
contexts:
- {name: east, context: {cluster: nowhere, user: user}}
- {name: west, context: {cluster: nowhere, user: user}}
`
