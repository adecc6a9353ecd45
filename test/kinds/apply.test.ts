import {join} from 'node:path'
import {expect, test} from 'vitest'
import type {ClusterPlan} from '../../src/engine/plan/plan.ts'
import {meshKinds} from '../../src/kinds/kinds.ts'
import {writeOptionsOf} from '../../src/run/flags/write.ts'
import {accessOf, type Run} from '../../src/run/run.ts'
import type {Raw} from '../../src/spec/field.ts'
import {openTerminal} from '../../src/terminal/output/terminal.ts'

/** A complete input for each kind whose command has a client dry run. */
const inputs: Record<string, Record<string, Raw>> = {
  Addons: {names: ['prometheus'], from: join(import.meta.dirname, '../fixtures/addons')},
  ControlPlane: {via: 'sail'},
  ExternalAuthorizer: {name: 'opa', service: 'opa.opa:9191', to: 'gateway/istio-ingressgateway'},
  Federation: {contexts: ['east', 'west']},
  IngressGateway: {name: 'edge'},
  IngressTls: {host: 'shop.example.com', secret: 'shop'},
  LocalityBalance: {hosts: ['shop'], failover: {a: 'b'}},
  NodeLocalities: {nodes: ['node-1'], region: 'r'},
  Tenant: {name: 'shop', via: 'none'},
  VirtualMachine: {name: 'web', serviceAccount: 'web', ports: ['http:8080'], gatewayAddress: '192.0.2.1'},
}

/** A client dry run whose plans are collected. */
function offlineRun(): {run: Run; plans: ClusterPlan[]} {
  const plans: ClusterPlan[] = []
  const flags = {v: 0, 'dry-run': 'client', 'force-conflicts': false, 'exit-code': false, yes: false} as const
  const run = {
    terminal: openTerminal({noInput: true}),
    access: accessOf({...flags, kubeconfig: '/dev/null'}),
    write: writeOptionsOf(flags),
    command: 'kubectl mesh',
    signal: new AbortController().signal,
    answers: [],
    gate: {planned: (more: readonly ClusterPlan[]) => void plans.push(...more), outcome: () => undefined},
  }
  return {run, plans}
}

test.each(Object.entries(inputs))(
  '%s: the plan of its command goes to the gate, and nothing is printed',
  async (name, raw) => {
    const {run, plans} = offlineRun()
    const kind = await meshKinds[name]!()
    expect(Object.keys(raw).filter(field => !Object.hasOwn(kind.fields, field))).toEqual([])
    expect(await kind.apply(raw, 'east', run)).toBe(0)
    expect(plans.map(({cluster}) => cluster)).toEqual(name === 'Federation' ? ['east', 'west'] : ['east'])
    for (const {steps} of plans) expect(steps.length).toBeGreaterThan(0)
  },
)

test('all kinds are in the table, except one that depends on the clusters and one that changes nothing', async () => {
  expect([...Object.keys(inputs), 'MeshSet', 'ServiceExport'].sort()).toEqual(Object.keys(meshKinds).sort())
  const raw = {name: 'a', contexts: ['east'], to: ['west']}
  const applied = (await meshKinds.ServiceExport!()).apply(raw, '', offlineRun().run)
  await expect(applied).rejects.toMatchObject({exit: 2, message: expect.stringContaining('depends on the state')})
})
