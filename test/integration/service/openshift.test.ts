import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {federateGateways} from './support.ts'

const servers = sharedServers()
const path = '/apis/operator.openshift.io/v1/dnses/default'
const text = {type: 'string'}
const texts = {type: 'array', items: text}

/** The part of OpenShift's CustomResourceDefinition (operator/v1, 4.18) that `spec.servers` is validated and pruned with. */
const definition: AnyObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {name: 'dnses.operator.openshift.io'},
  spec: {
    group: 'operator.openshift.io',
    names: {kind: 'DNS', listKind: 'DNSList', plural: 'dnses', singular: 'dns'},
    scope: 'Cluster',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {status: {}},
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  logLevel: {type: 'string', enum: ['Normal', 'Debug', 'Trace'], default: 'Normal'},
                  operatorLogLevel: {type: 'string', enum: ['Normal', 'Debug', 'Trace'], default: 'Normal'},
                  servers: {
                    type: 'array',
                    items: {
                      type: 'object',
                      properties: {
                        name: text,
                        zones: texts,
                        forwardPlugin: {
                          type: 'object',
                          properties: {
                            policy: {type: 'string', enum: ['Random', 'RoundRobin', 'Sequential'], default: 'Random'},
                            protocolStrategy: {type: 'string', enum: ['TCP', '']},
                            upstreams: {...texts, maxItems: 15},
                          },
                        },
                      },
                    },
                  },
                },
              },
              status: {type: 'object', 'x-kubernetes-preserve-unknown-fields': true},
            },
          },
        },
      },
    ],
  },
}

const corporate = {
  name: 'corp',
  zones: ['corp.example'],
  forwardPlugin: {policy: 'Sequential', upstreams: ['10.0.0.1', '10.0.0.2:5353']},
}

describe.skipIf(!servers)("OpenShift's DNS operator, with its definition on real API servers", () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(servers!)
    for (const {api} of ground.clusters) {
      await api.apply(definition)
      await applyUntilServed(() =>
        api.apply({
          apiVersion: 'operator.openshift.io/v1',
          kind: 'DNS',
          metadata: {name: 'default'},
          spec: {servers: [corporate]},
        }),
      )
    }
  })
  afterAll(async () => {
    for (const {api} of ground?.clusters ?? []) {
      const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/dnses.operator.openshift.io'
      await api.delete(crd)
      // Other test files use these servers, and would find an OpenShift.
      for (const gone of [crd, path])
        await vi.waitUntil(async () => (await api.get(gone)) === undefined, {timeout: 30_000})
    }
    await ground?.close()
  })

  /** The server serves a new kind after some time. */
  async function applyUntilServed(work: () => Promise<unknown>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await work()
        return
      } catch (error) {
        if (attempt > 50) throw error
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    }
  }

  const specOf = async (cluster: string) => (await ground.cluster(cluster).api.get<AnyObject>(path))!.spec
  const federate = (...args: string[]) =>
    federateGateways(ground, ['--dns', 'openshift', '--dns-forward', '10.9.9.9', ...args])

  it('adds one entry to the resource, leaves the others, and remove restores it', async () => {
    const before = await specOf('west')
    const map = '/api/v1/namespaces/openshift-dns/configmaps/dns-default'
    const {code, stderr} = await federate('--yes')
    expect(code, stderr).toBe(0)
    expect(await specOf('west')).toEqual({
      ...(before as object),
      servers: [
        corporate,
        {name: 'kubectl-mesh', zones: ['global'], forwardPlugin: {policy: 'Random', upstreams: ['10.9.9.9']}},
      ],
    })
    // The operator writes the ConfigMap; nothing creates one.
    expect(await ground.cluster('west').api.get(map)).toBeUndefined()
    ground.reset()
    expect((await federate('--yes')).code).toBe(0)
    expect(ground.writes()).toEqual([])
    const removed = await ground.mesh([
      ...['federate', 'remove', '--contexts', 'east,west', '--system-namespace', ground.namespace, '--yes'],
    ])
    expect(removed.code, removed.stderr).toBe(0)
    expect(await specOf('west')).toEqual(before)
  })

  it('refuses a zone that another entry forwards', async () => {
    const {api} = ground.cluster('west')
    const servers = [corporate, {...corporate, name: 'old', zones: ['Global.']}]
    await api.apply({apiVersion: 'operator.openshift.io/v1', kind: 'DNS', metadata: {name: 'default'}, spec: {servers}})
    ground.reset()
    const {code, stderr} = await federate('--yes')
    expect(code, stderr).toBe(3)
    expect(stderr).toMatch(/DNS default of OpenShift already forwards global: spec\.servers has "old"/)
    expect(ground.writes()).toEqual([])
  })
})
