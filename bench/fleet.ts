import {execFileSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {build} from 'esbuild'
import {bundleOptions} from '../scripts/bundle/bundle.ts'
import {dumpYaml} from '../src/text/yaml.ts'
import {findServers, labCache} from '../test/support/binaries.ts'
import {type Api, openApi} from '../test/support/servers/api.ts'
import {startFaultProxy} from '../test/support/servers/fault-proxy.ts'
import {startServers} from '../test/support/servers/servers.ts'
import {type Claim, formatTime} from './claim.ts'
import type {EngineResult} from './engine.ts'
import {type Measured, measure, type Rounds, runOnce} from './measure.ts'
import {benchNamespace, serviceEntries} from './service-entries.ts'

const root = join(import.meta.dirname, '..')
const context = 'bench'
const collection = `/apis/networking.istio.io/v1/namespaces/${benchNamespace}/serviceentries`

/**
 * Compares many objects on a real API server with kubectl, which performs the same operations on the same objects: time,
 * memory and TLS handshakes.
 *
 * @param count number of objects
 * @returns undefined if no API server is available (`findServers` prints why)
 */
export async function fleetClaims(count: number, rounds: Rounds): Promise<Claim[] | undefined> {
  const binaries = await findServers()
  if (!binaries) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-bench-'))
  const servers = await startServers([context], {servers: binaries})
  try {
    const engine = await bundleEngine(folder)
    const manifests = join(folder, 'service-entries.yaml')
    await writeFile(
      manifests,
      serviceEntries(count)
        .map(object => dumpYaml(object))
        .join('---\n'),
    )
    const api = await openApi(servers.kubeconfig, context)
    await api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: benchNamespace}})
    const ours = (mode: 'compare' | 'apply', kubeconfig: string): Measured => ({
      argv: [process.execPath, engine, mode, kubeconfig, context, String(count)],
      env: {TMPDIR: folder},
    })
    const kubectl = (...words: string[]): Measured => ({
      argv: [kubectlPath(), ...words, '--server-side', '--field-manager=kubectl-mesh', '-f', manifests],
      env: {KUBECONFIG: servers.kubeconfig, HOME: folder},
    })
    try {
      return [
        ...(await timeClaims(count, rounds, api, {
          applying: ours('apply', servers.kubeconfig),
          comparing: ours('compare', servers.kubeconfig),
          kubectlApply: kubectl('apply'),
          kubectlDiff: kubectl('diff'),
        })),
        ...(await costClaims(count, api, kubeconfig => ours('apply', kubeconfig), servers.kubeconfig)),
      ]
    } finally {
      api.close()
    }
  } finally {
    await servers.stop()
    await rm(folder, {recursive: true})
  }
}

async function timeClaims(
  count: number,
  rounds: Rounds,
  api: Api,
  {
    applying,
    comparing,
    kubectlApply,
    kubectlDiff,
  }: Record<'applying' | 'comparing' | 'kubectlApply' | 'kubectlDiff', Measured>,
): Promise<Claim[]> {
  const empty = () => api.delete(collection)
  const applied = await measure({ours: {...applying, before: empty}, theirs: {...kubectlApply, before: empty}}, rounds)
  const {verdicts} = await resultOf(comparing)
  if (verdicts.unchanged !== count)
    throw new Error(`expected ${count} unchanged objects, got ${JSON.stringify(verdicts)}`)
  const compared = await measure({ours: comparing, theirs: kubectlDiff}, rounds)
  return [
    {
      what: `server dry run of ${count} unchanged ServiceEntries`,
      ours: formatTime(compared.ours),
      theirs: `\`kubectl diff --server-side\`: ${formatTime(compared.theirs)}`,
      value: compared.theirs / compared.ours,
      bound: 10,
      is: 'at least',
      unit: '× faster',
    },
    {
      what: `applying ${count} new ServiceEntries`,
      ours: formatTime(applied.ours),
      theirs: `\`kubectl apply --server-side\`: ${formatTime(applied.theirs)}`,
      value: applied.theirs / applied.ours,
      bound: 6,
      is: 'at least',
      unit: '× faster',
    },
  ]
}

async function costClaims(
  count: number,
  api: Api,
  applying: (kubeconfig: string) => Measured,
  kubeconfig: string,
): Promise<Claim[]> {
  const proxy = await startFaultProxy({upstream: {kubeconfig, context}})
  try {
    await api.delete(collection)
    const {applied, peakMiB} = await resultOf(applying(proxy.kubeconfig))
    if (applied !== count) throw new Error(`expected ${count} applied objects, got ${applied}`)
    return [
      {
        what: `peak memory while applying ${count}`,
        ours: `${peakMiB.toFixed(0)} MiB`,
        theirs: '',
        value: peakMiB,
        bound: 200,
        is: 'at most',
        unit: 'MiB',
      },
      {
        what: `TLS handshakes for ${proxy.requests.length} requests`,
        ours: String(proxy.handshakes),
        theirs: '',
        value: proxy.handshakes,
        bound: 16,
        is: 'at most',
        unit: 'per cluster',
      },
    ]
  } finally {
    await proxy.close()
  }
}

async function resultOf(measured: Measured): Promise<EngineResult> {
  return JSON.parse((await runOnce(measured)).stdout)
}

/** Bundles bench/engine.ts like the product. Returns the path of the file to run. */
async function bundleEngine(folder: string): Promise<string> {
  await build({...bundleOptions(root, folder), outbase: 'bench', entryPoints: ['bench/engine.ts']})
  await writeFile(join(folder, 'package.json'), '{"type": "module"}')
  const start = join(folder, 'start.js')
  await writeFile(start, `import module from 'node:module'\nmodule.enableCompileCache()\nimport('./engine.js')\n`)
  return start
}

/** `$KUBECTL`, or the kubectl of the lab, or the one on PATH. */
function kubectlPath(): string {
  if (process.env.KUBECTL) return process.env.KUBECTL
  const path = join(labCache().bin, 'kubectl')
  return existsSync(path) ? path : 'kubectl'
}

/** The version of kubectl, for the report. */
export function kubectlVersion(): string {
  const text = execFileSync(kubectlPath(), ['version', '--client', '-o', 'json'], {encoding: 'utf8'})
  return JSON.parse(text).clientVersion.gitVersion
}
