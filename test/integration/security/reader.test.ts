import {afterEach, describe, expect, it} from 'vitest'
import {type Ground, type GroundOptions, openGround} from '../../support/ground/ground.ts'
import {type AnyObject, openApi} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
/** An API server learns of changed roles a moment after they are written. */
const later = {timeout: 30_000}
const off = {version: '1.31.1', env: {PILOT_ENABLE_REMOTE_CREDENTIALS_CONTROLLER: 'false'}}

describe.skipIf(!servers)('the account with which other istiods read a cluster', () => {
  let ground: Ground
  afterEach(() => ground?.close())

  const open = async (controlPlane: GroundOptions['controlPlane']) => {
    ground = await openGround(servers!, {controlPlane})
  }

  /** Whether the account of a cluster may list Services and Secrets, as the API server decides. */
  async function listable(cluster: string): Promise<[boolean, boolean]> {
    const {kubeconfig, context} = ground.cluster(cluster).direct
    const account = `system:serviceaccount:${ground.namespace}:istio-reader-service-account`
    const api = await openApi(kubeconfig, context, account)
    const list = (resource: string) =>
      api.get(`/api/v1/${resource}?limit=1`).then(
        () => true,
        (error: Error) => {
          expect(error.message).toMatch(/: 403 /)
          return false
        },
      )
    try {
      return [await list('services'), await list('secrets')]
    } finally {
      api.close()
    }
  }

  const grants =
    /reader accounts get access to all Secrets of .*west, because these istiods read them: .*istiod of east/

  it('may not list Secrets if no istiod reads them, and a second run changes nothing', async () => {
    await open(() => off)
    const first = await ground.federate(['--yes'])
    expect(first.code, first.stderr).toBe(0)
    expect(first.stderr).not.toMatch(/access to all Secrets/)
    await expect
      .poll(() => Promise.all(['east', 'west'].map(listable)), later)
      .toEqual([
        [true, false],
        [true, false],
      ])
    const second = await ground.federate(['--dry-run=server', '--exit-code'])
    expect(second.code, second.stdout).toBe(0)
  })

  it.each<[string, object]>([
    ['an older istiod', {...off, version: '1.30.3'}],
    ['an istiod with the default', {version: '1.31.1'}],
    ['an istiod of unknown version', {...off, version: 'latest'}],
  ])('may list Secrets for %s, which is reported before the confirmation', async (_, east) => {
    await open(context => (context === 'east' ? east : off))
    const {code, stderr} = await ground.federate(['--yes'])
    expect({code}, stderr).toEqual({code: 0})
    expect(stderr).toMatch(grants)
    await expect
      .poll(() => Promise.all(['east', 'west'].map(listable)), later)
      .toEqual([
        [true, false],
        [true, true],
      ])
    const second = await ground.federate(['--dry-run=server', '--exit-code'])
    expect(second, second.stdout).toMatchObject({code: 0, stderr: expect.not.stringMatching(grants)})
  })

  it('loses the permission when no istiod reads Secrets any more, but only after everything else succeeded', async () => {
    await open(context => (context === 'east' ? {version: '1.31.1'} : off))
    expect((await ground.federate(['--yes'])).code).toBe(0)
    const path = `/apis/apps/v1/namespaces/${ground.namespace}/deployments/istiod`
    const deployment = (await ground.cluster('east').api.get<IstiodDeployment>(path))!
    const [container] = deployment.spec.template.spec.containers
    container!.env.push({name: 'PILOT_ENABLE_REMOTE_CREDENTIALS_CONTROLLER', value: 'false'})
    await ground.cluster('east').api.replace(deployment, 'test')
    ground.reset()
    const {code, stderr} = await ground.federate(['--yes'])
    expect({code}, stderr).toEqual({code: 0})
    expect(ground.writes().map(({method, url}) => `${method} ${url.replace(/\?.*/, '')}`)).toEqual([
      expect.stringMatching(/^PATCH .*clusterroles/),
    ])
    await expect.poll(() => listable('west'), later).toEqual([true, false])
  })

  it('keeps the permission while another tool has a token of the account', async () => {
    await open(() => off)
    expect((await ground.federate(['--yes'])).code).toBe(0)
    await ground.cluster('west').api.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'by-hand',
        namespace: ground.namespace,
        annotations: {'kubernetes.io/service-account.name': 'istio-reader-service-account'},
      },
      type: 'kubernetes.io/service-account-token',
    } as AnyObject)
    const {code, stderr} = await ground.federate(['--yes'])
    expect({code}, stderr).toEqual({code: 0})
    expect(stderr).toMatch(
      /reader accounts get access to all Secrets of .*west.*: .*istiods of clusters outside this run/,
    )
    await expect.poll(() => listable('west'), later).toEqual([true, true])
  })
})

interface IstiodDeployment extends AnyObject {
  spec: {template: {spec: {containers: {env: {name: string; value: string}[]}[]}}}
}
