import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {minorText, newestIstio, oldestIstio} from '../../../src/istio/versions.ts'
import {findServers} from '../../support/binaries.ts'
import {goldenObjects} from '../../support/golden-objects.ts'
import {definitionVersions, istioDefinitions} from '../../support/istio-definitions.ts'
import {type Ran, run} from '../../support/run.ts'
import {findKubectl} from '../../support/servers/kubectl.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'

test('the definitions are those of the oldest and the newest supported version', () =>
  expect(definitionVersions).toEqual([minorText(oldestIstio), minorText(newestIstio)]))

describe.skipIf(!sharedServers()).each(definitionVersions)('the resource definitions of Istio %s', version => {
  let servers: RunningServers
  let kubectl: string

  beforeAll(async () => {
    const [found, crds] = await Promise.all([findServers(), istioDefinitions(version)])
    servers = await startServers(['istio'], {servers: {...found!, crds}})
    kubectl = await findKubectl()
    const namespaces = new Set((await goldenObjects()).map(({object}) => object.metadata.namespace ?? 'default'))
    const items = [...namespaces].map(name => ({apiVersion: 'v1', kind: 'Namespace', metadata: {name}}))
    expect(await apply(items)).toMatchObject({code: 0})
  })
  afterAll(() => servers?.stop())

  /** Applies objects. Unknown fields are errors. */
  function apply(items: readonly object[], ...flags: string[]): Promise<Ran> {
    const input = JSON.stringify({apiVersion: 'v1', kind: 'List', items})
    const words = ['apply', '--server-side', '--force-conflicts', '--validate=strict', ...flags, '-f', '-']
    return run([kubectl, ...words], {env: servers.env, input})
  }

  test('accept every Istio object of test/golden', async () => {
    const objects = (await goldenObjects())
      // This file has only the fields that are added to a rule of another owner.
      .filter(({file, object}) => file !== 'locality/merged.yaml' || object.kind !== 'DestinationRule')
      .map(({object}) => object)
    expect(objects.length).toBeGreaterThan(50)
    expect(await apply(objects, '--dry-run=server')).toMatchObject({code: 0, stderr: ''})
  })

  test('reject an unknown field', async () => {
    const [gateway] = (await goldenObjects()).map(({object}) => object).filter(({kind}) => kind === 'Gateway')
    const spec = {...(gateway!.spec as object), unknown: 1}
    const {code, stderr} = await apply([{...gateway, spec}], '--dry-run=server')
    expect(code).toBe(1)
    expect(stderr).toContain('unknown field "unknown"')
  })
})
