import {readFile, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import manifest from '../../../oclif.manifest.json' with {type: 'json'}
import {ecKey, makeCertificate} from '../../pki/support.ts'
import {buildLab} from '../../support/binaries.ts'
import {sizes} from '../../support/fake/screens.ts'
import {expectGolden} from '../../support/golden.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {home, programWords} from '../../support/ground/program.ts'
import {keys, type PtyProcess, repeatedArguments, startPty, wrapped} from '../../support/pty.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {istioRelease} from '../addon/support.ts'
import {injector} from '../ingress/support.ts'

/** A command that lacks input, in a terminal. */
interface Case {
  args: string
  /** The questions, and the keys that answer them. The last answer declines what would be written. */
  steps: [question: string | RegExp, keys: string][]
  /** What the printed line adds to the arguments, without the context and `--yes`. */
  added: string
  /** Arguments that are added to the printed command. */
  more?: string[]
  /** The exit code of the command that is printed (default 0). */
  code?: number
  /** What it prints to stdout, if it ends with 0. */
  prints?: RegExp
  /** Without a current context. */
  noContext?: true
}

const {enter, space, down} = keys
const no = `n${enter}`

/** Later cases use what the printed commands of earlier ones have created. */
const cases: Case[] = [
  ...['federate status', 'check', 'graph', 'ca status'].map(
    (args): Case => ({
      args,
      noContext: true,
      steps: [['Which clusters are in the mesh?', space + enter]],
      added: '--contexts east',
      ...(['check', 'federate status'].includes(args) ? {code: 5} : {}),
    }),
  ),
  {
    args: 'addon install --no-wait',
    steps: [
      ['Which add-ons?', `kiali${space}${enter}`],
      ['Folder of your Istio release', `nowhere${enter}`],
      ['there is no such file', `${'\x7f'.repeat(7)}release${enter}`],
      ['How do users log in to Kiali?', enter],
      ['Apply this to east?', no],
    ],
    added: 'kiali --from release --auth token',
  },
  {
    args: 'addon remove',
    steps: [
      ['Which add-ons?', space + enter],
      ['Type kiali to continue', no],
    ],
    added: 'kiali',
  },
  {
    args: 'install --context plain --no-wait',
    steps: [
      ['Which tool should render the control plane?', enter],
      ['Apply this to plain?', no],
    ],
    added: '--via istioctl',
  },
  {
    args: 'locality label',
    steps: [
      ['Which nodes are in the same locality?', space + enter],
      ['In which locality are these nodes', `eu/eu-1${enter}`],
      ['Label 1 node of east?', no],
    ],
    added: 'node-a --region eu --zone eu-1',
  },
  {
    args: 'locality unlabel',
    steps: [
      ['Which nodes should get their former labels?', space + enter],
      ['Restore the labels of 1 node of east?', no],
    ],
    added: 'node-a',
  },
  {
    args: 'locality balance -n shop',
    steps: [
      ['Which host should be balanced by locality', `web${enter}`],
      ['Apply this to east?', no],
    ],
    added: 'web',
  },
  {
    args: 'locality unbalance',
    steps: [
      ['Which hosts should lose their locality settings?', space + enter],
      ['Take back the locality settings of web.shop.svc.cluster.local in east?', no],
    ],
    added: 'web.shop.svc.cluster.local',
  },
  {
    args: 'vm register --output-dir bundle',
    steps: [
      ['What is the name of the VM', `web${enter}`],
      ['Which namespace should the VM belong to?', `${'\x7f'.repeat(7)}vms${enter}`],
      ['Which service account should be the identity of the VM?', enter],
      ['Which ports does the VM serve?', `http:8080${enter}`],
      ['Hostname in the mesh', enter],
      ['How does the mesh learn the address of the VM?', enter],
      ['The cluster has no east-west gateway', enter],
      ['Apply this to east?', no],
    ],
    added:
      'web --namespace vms --service-account web --port http:8080 --host web.vms.svc.cluster.local --auto-register --gateway',
    prints: /^bundle /m,
  },
  {args: 'vm verify', steps: [['Which VM?', enter]], added: 'web --namespace vms', code: 5},
  {args: 'vm renew --output-dir bundle', steps: [['Which VM?', enter]], added: 'web --namespace vms'},
  {
    args: 'vm remove',
    steps: [
      ['Which VM?', enter],
      ['Type web to continue', no],
    ],
    added: 'web --namespace vms',
  },
  {
    args: 'authz attach',
    steps: [
      ['Name of the authorizer', enter],
      ['Which Service is the authorizer?', enter],
      ['Which protocol does the authorizer use?', enter],
      ['Which gateway or workload should it protect?', down + enter],
      ['Apply this to east?', no],
    ],
    added: 'ext-authz --service authz.shop.svc:9000 --type grpc --to workload/web --namespace shop',
  },
  {args: 'authz verify', steps: [['Which authorizer?', enter]], added: 'ext-authz', code: 5},
  {
    args: 'authz detach',
    steps: [
      ['Which authorizer?', enter],
      [/Type ext-authz to continue|Apply/, no],
    ],
    added: 'ext-authz',
  },
  {
    args: 'ingress deploy --no-wait',
    steps: [
      ['Name of the gateway', enter],
      ['In which namespace?', enter],
      ['How do clients reach it?', down + enter],
      ['Apply this to east?', no],
    ],
    added: 'istio-ingressgateway --namespace default --service-type NodePort',
  },
  {
    args: 'ingress tls',
    steps: [
      ['Which host should be served?', `shop.example.com${enter}`],
      ['Which file contains the certificate', `tls.key${enter}`],
      ['cannot be used', `${'\x7f'.repeat(7)}tls.crt${enter}`],
      ['Which file contains the private key', `tls.key${enter}`],
      ['Apply this to east?', no],
    ],
    added: 'shop.example.com --cert tls.crt --key tls.key',
  },
  {
    args: 'ingress remove',
    steps: [
      ['Which gateway?', enter],
      [/to continue/, no],
    ],
    added: 'istio-ingressgateway --namespace default',
  },
  {
    args: 'tenant add --no-wait',
    steps: [
      ['Name of the tenant', `group-1${enter}`],
      ['Which namespaces should belong to the tenant?', `shop${space}${enter}`],
      ['Which tool should render the control plane?', enter],
      ['Apply this to east?', no],
    ],
    added: 'group-1 --namespaces shop',
  },
  {
    args: 'tenant assign',
    steps: [
      ['Which tenant?', enter],
      ['Which namespaces should belong to group-1?', `vms${space}${enter}`],
      ['Move vms to group-1?', no],
    ],
    added: 'group-1 vms',
  },
  {
    args: 'tenant remove',
    steps: [
      ['Which tenant?', enter],
      ['Type group-1 to continue', no],
    ],
    added: 'group-1',
    // Without a controller, the system namespace would not go away.
    more: ['--dry-run=server'],
  },
]

describe.skipIf(!sharedServers())('commands that lack input, on a real API server', {timeout: 240_000}, () => {
  let own: RunningServers
  let ground: Ground
  const ptys: PtyProcess[] = []
  let path: string
  let withoutContext: string
  beforeAll(async () => {
    path = `${(await buildLab('istio')).bin}:${process.env.PATH}`
    own = await startServers(['east', 'plain'])
    const controlPlane = (context: string) => context === 'east' && {network: ''}
    ground = await openGround(own, {namespace: 'istio-system', contexts: ['east', 'plain'], controlPlane})
    withoutContext = await copyWithoutContext(ground)
    await symlink(istioRelease(), join(ground.folder, 'release'))
    await createWorkloads(ground.clusters[0]!.api)
    const key = ecKey()
    const certificate = makeCertificate({key, subject: '/CN=shop', extensions: ['subjectAltName=DNS:shop.example.com']})
    await writeFile(join(ground.folder, 'tls.key'), key)
    await writeFile(join(ground.folder, 'tls.crt'), certificate)
  })
  afterEach(() => {
    for (const pty of ptys.splice(0)) pty.kill()
  })
  afterAll(async () => {
    await ground?.close()
    await own?.stop()
  })

  /** Answers the questions, except the last one if `untilLast` is set. */
  async function answer(
    {args, steps, noContext}: Case,
    size: {columns: number; rows: number},
    untilLast = false,
  ): Promise<PtyProcess> {
    const kubeconfig = noContext ? {KUBECONFIG: withoutContext} : ground.env
    const pty = startPty([...programWords, ...args.split(' ')], {
      cwd: ground.folder,
      env: {...kubeconfig, HOME: home, NO_COLOR: '1', PATH: path},
      size,
    })
    ptys.push(pty)
    for (const [at, [question, typed]] of steps.entries()) {
      await pty.sees(typeof question === 'string' ? wrapped(question) : question)
      if (!untilLast || at < steps.length - 1) pty.type(typed)
    }
    return pty
  }

  const last = {rows: 100, columns: 300}
  describe.each(cases)('$args', one => {
    it('on 100×30 and 60×24', async () => {
      const name = one.args.replace(/ --?.*/, '').replaceAll(' ', '-')
      const shown = await Promise.all(sizes.map(size => answer(one, size, true)))
      for (const [at, {columns}] of sizes.entries())
        await expectGolden(`screens/${name}-${columns}.txt`, await shown[at]!.shows())
    })

    it('asks, and after "no" prints the command that makes the same run', async () => {
      const {args, steps, added, more = [], code = 0, prints} = one
      ground.reset()
      const {ended: end, screen} = await answer(one, last)
      const ended = await end
      const declines = steps.at(-1)![1] === no
      expect(ended, screen()).toBe(declines ? 3 : code)
      if (declines) expect(ground.writes()).toEqual([])
      const printed = repeatedArguments(screen())
      // Another context may be current at the next run.
      const context = takesContext(args) && !args.includes('--context') ? ' --context east' : ''
      expect(printed, screen()).toBe(`${args} ${added}${context}`)
      const yes = declines ? ['--yes'] : []
      const result = await ground.mesh([...printed!.split(' '), ...yes, ...more], {
        cwd: ground.folder,
        env: {PATH: path},
      })
      expect(result.code, result.stderr).toBe(code)
      if (declines && more.length === 0) expect(ground.writes().length).toBeGreaterThan(0)
      if (prints) expect(result.stdout).toMatch(prints)
    })
  })
})

/** Whether a command is for one cluster. */
function takesContext(args: string): boolean {
  const id = Object.keys(manifest.commands)
    .filter(name => `${args} `.startsWith(`${name.replaceAll(':', ' ')} `))
    .sort((a, b) => b.length - a.length)[0]!
  return 'context' in (manifest.commands as Record<string, {flags: object}>)[id]!.flags
}

/** Copies the kubeconfigs of a ground without their current context. Returns the value of `KUBECONFIG`. */
async function copyWithoutContext({env, folder}: Ground): Promise<string> {
  const copies = env.KUBECONFIG.split(':').map(async (file, at) => {
    const copy = join(folder, `no-context-${at}`)
    await writeFile(copy, (await readFile(file, 'utf8')).replace(/^current-context: .*$/m, ''), {mode: 0o600})
    return copy
  })
  return (await Promise.all(copies)).join(':')
}

/** Nodes, namespaces, and a Service with a pod. */
async function createWorkloads(api: Api): Promise<void> {
  const core = (kind: string, metadata: object, more: object = {}) =>
    api.apply({apiVersion: 'v1', kind, metadata, ...more} as AnyObject)
  for (const name of ['node-a', 'node-b']) await core('Node', {name})
  for (const name of ['shop', 'vms']) await core('Namespace', {name})
  await api.apply(injector())
  await core('ServiceAccount', {name: 'web', namespace: 'shop'})
  for (const [name, port] of [
    ['web', 80],
    ['authz', 9000],
  ] as const) {
    const containers = [
      {name: 'app', image: 'app'},
      {name: 'istio-proxy', image: 'proxy'},
    ]
    const labels = {app: name, 'security.istio.io/tlsMode': 'istio'}
    const spec = {serviceAccountName: 'web', automountServiceAccountToken: false, containers}
    const selector = {app: name}
    await core('Pod', {name, namespace: 'shop', labels}, {spec})
    const deployment = {selector: {matchLabels: selector}, template: {metadata: {labels}, spec}}
    await core('Deployment', {name, namespace: 'shop'}, {apiVersion: 'apps/v1', spec: deployment})
    await core('Service', {name, namespace: 'shop'}, {spec: {selector, ports: [{port, name: 'grpc'}]}})
  }
}
