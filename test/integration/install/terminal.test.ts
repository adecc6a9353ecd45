import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {home, programWords} from '../../support/ground/program.ts'
import {keys, startPty} from '../../support/pty.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const tools = inject('renderTools')

/** The definition of the Sail operator, as far as the API server needs it. */
const istioDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {name: 'istios.sailoperator.io'},
  spec: {
    group: 'sailoperator.io',
    names: {kind: 'Istio', listKind: 'IstioList', plural: 'istios', singular: 'istio'},
    scope: 'Cluster',
    versions: [
      {
        ...{name: 'v1', served: true, storage: true},
        schema: {openAPIV3Schema: {type: 'object', 'x-kubernetes-preserve-unknown-fields': true}},
      },
    ],
  },
}

describe.skipIf(!sharedServers() || !tools)('install on a terminal, with a real Helm and the Sail operator', () => {
  let servers: RunningServers
  let ground: Ground
  beforeAll(async () => {
    servers = await startServers(['east', 'west'])
    ground = await openGround(servers, {namespace: 'istio-system', controlPlane: () => false})
    await ground.cluster('west').api.create(istioDefinition as AnyObject)
  })
  afterAll(async () => {
    await ground?.close()
    await servers?.stop()
  })

  const start = (args: readonly string[]) =>
    startPty([...programWords, 'install', '--no-wait', ...args], {
      cwd: ground.folder,
      env: {...ground.env, HOME: home, NO_COLOR: '1', PATH: `${tools!.helm}:${process.env.PATH}`},
      size: {columns: 200, rows: 60},
    })

  it.each([
    ['helm', 'east', ['--via', 'helm', '--chart', join(tools?.charts ?? '', 'istio-control/istio-discovery')]],
    ['sail', 'west', ['--via', 'sail']],
  ])('--via %s: the review, "no" writes nothing, and "yes" prints the next steps', async (via, context, flags) => {
    const args = ['--context', context, ...flags]
    ground.reset()
    const declined = start(args)
    await declined.sees(`Apply this to ${context}?`)
    declined.type(`n${keys.enter}`)
    expect(await declined.ended, declined.screen()).toBe(3)
    expect(declined.screen()).toContain(`to repeat this run: kubectl mesh install`)
    expect(ground.writes()).toEqual([])
    const pty = start(args)
    await pty.sees(`Apply this to ${context}?`)
    pty.type(`y${keys.enter}`)
    expect(await pty.ended, pty.screen()).toBe(0)
    expect(await pty.shows()).toContain(
      [
        'Next:',
        `  kubectl mesh install status --context ${context}`,
        `  kubectl --context ${context} label namespace NAMESPACE istio-injection=enabled`,
      ].join('\n'),
    )
    const status = await ground.mesh(['install', 'status', '--context', context])
    if (via === 'helm') expect(status.stdout).toContain('kubectl mesh, helm')
    else
      expect(await ground.cluster(context).api.get('/apis/sailoperator.io/v1/istios/default')).toMatchObject({
        spec: {namespace: 'istio-system'},
      })
  })
})
