import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {Ground} from '../../support/ground/ground.ts'
import type {ProgramResult} from '../../support/ground/program.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, openGateways} from '../service/support.ts'

const servers = sharedServers()
let count = 0

interface Rule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
}

describe.skipIf(!servers)('a user without permissions, on real API servers with RBAC', () => {
  let ground: Ground
  let user: string
  beforeEach(async () => {
    ground = await openGateways(servers!)
    user = `${ground.namespace}-mallory-${++count}`
    for (const {api} of ground.clusters) await deployHello(api, `${ground.namespace}-s`)
  })
  afterEach(() => ground?.close())

  const mesh = (...args: string[]) => {
    // A tenant has a dedicated system namespace.
    const where = args[0] === 'tenant' ? [] : ['--system-namespace', ground.namespace]
    return ground.mesh([...args, '--as', user, ...where])
  }

  /** The rules that the hints of a failed command propose, by namespace; '' for the cluster. */
  function proposed({stderr}: ProgramResult): Map<string, Rule[]> {
    const found = stderr.matchAll(
      /^hint: {2}a (?:ClusterRole|Role in namespace (\S+)) with these rules grants it: (.*)$/gm,
    )
    const all = [...found].map(([, namespace = '', json]) => [namespace, JSON.parse(json!) as Rule[]] as const)
    return new Map(
      [...Map.groupBy(all, ([namespace]) => namespace)].map(([at, rules]) => [at, rules.flatMap(([, r]) => r)]),
    )
  }

  async function grant(rules: Map<string, Rule[]>, round: number): Promise<void> {
    const [apiGroup, subject] = ['rbac.authorization.k8s.io', {kind: 'User', name: user}]
    const apiVersion = `${apiGroup}/v1`
    for (const {api} of ground.clusters)
      for (const [namespace, list] of rules) {
        if (namespace !== '') await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
        const [kind, scope] = namespace === '' ? ['ClusterRole', {}] : ['Role', {namespace}]
        const metadata = {name: `${user}-${round}`, ...scope}
        await api.apply({apiVersion, kind, metadata, rules: list})
        const roleRef = {apiGroup, kind, name: metadata.name}
        await api.apply({apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects: [{...subject, apiGroup}]})
      }
  }

  /** Runs a command, grants exactly what it proposes, and repeats that. Returns what it lacked in each round. */
  async function rounds(...args: string[]): Promise<string[][]> {
    const all: string[][] = []
    for (;;) {
      expect(all.length, JSON.stringify(all, null, 2)).toBeLessThan(8)
      const result = await mesh(...args)
      const missing = [...result.stderr.matchAll(/^error: (.*you may not .*)$/gm)].map(([, text]) => text!)
      if (missing.length === 0) return all
      expect(result.code, result.stderr).toBe(3)
      all.push(missing)
      await grant(proposed(result), all.length)
    }
  }

  // Number of rounds: one for reads and writes together, and one more for kinds that the program does not know.
  it.each<[string, number, (at: string) => string[]]>([
    [
      'service export',
      1,
      at => ['service', 'export', 'hello', '-n', `${at}-s`, '--contexts', 'east', '--to', 'west', '--yes'],
    ],
    ['service list', 1, () => ['service', 'list', '--contexts', 'east,west']],
    ['federate', 2, () => ['federate', '--contexts', 'east,west', '--mode', 'gateways', '--yes']],
    ['tenant add', 2, at => ['tenant', 'add', `${at}-t`, '--via', 'none', '--context', 'east', '--yes', '--no-wait']],
    [
      'vm register',
      2,
      at => [
        'vm',
        'register',
        'web',
        '-n',
        `${at}-s`,
        '--service-account',
        'web',
        '--context',
        'east',
        '--yes',
        '--gateway-address',
        '192.0.2.1',
      ],
    ],
    ['locality balance', 1, at => ['locality', 'balance', 'hello', '-n', `${at}-s`, '--context', 'east', '--yes']],
    ['authz list', 1, () => ['authz', 'list', '--context', 'east']],
    [
      'ingress deploy',
      2,
      at => ['ingress', 'deploy', 'web', '-n', `${at}-s`, '--context', 'east', '--yes', '--no-wait'],
    ],
    ['ca status', 1, () => ['ca', 'status', '--contexts', 'east,west']],
  ])('%s lists all missing permissions, and the rules of its hints suffice', async (name, most, args) => {
    const folder = name === 'vm register' ? ['--output-dir', join(ground.folder, 'vm')] : []
    const found = await rounds(...args(ground.namespace), ...folder)
    expect(found.length, JSON.stringify(found, null, 2)).toBeLessThanOrEqual(most)
    expect(found.length).toBeGreaterThan(0)
  })
})
