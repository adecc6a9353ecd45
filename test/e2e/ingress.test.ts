import {execFileSync} from 'node:child_process'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {injector} from '../integration/ingress/support.ts'
import {caExtensions, ecKey, makeCertificate} from '../pki/support.ts'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {type Istiod, type Lab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk} from '../support/lab/mesh.ts'
import {usesOldIstiod} from '../support/lab/tools.ts'

const labels = {app: 'istio-ingressgateway', istio: 'ingressgateway'}

describe.skipIf(!inject('lab').clusters)('mesh ingress with a real istiod', () => {
  let lab: Lab
  let istiod: Istiod
  let node: string
  let ip: string

  beforeAll(async () => {
    lab = await startLab({clusters: ['east']})
    istiod = await installControlPlane(lab, 'east')
    // No server answers its webhooks. With kwok, pods run without injection too.
    await lab.kubectl('east', ['create', '-f', '-'], {input: JSON.stringify(injector())})
    const nodes = await lab.kubectl('east', ['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])
    node = nodes.split(' ')[0]!
    await lab.kubectl('east', ['label', 'node', node, 'front_end=true'])
  })
  afterAll(() => lab?.stop())

  const deploy = (...more: string[]) =>
    meshOk(lab, [
      ...['ingress', 'deploy', '-n', 'edge', '--kind', 'daemonset', '--node-selector', 'front_end=true'],
      ...['--host-port', '80:8080', '--host-port', '443:8443', '--timeout', '90s', ...more],
    ])

  /** The configuration that istiod sends to the gateway. */
  async function configuration(asked = istiod.xds) {
    const answer = await lab.ask(asked, {cluster: 'east', type: 'router', namespace: 'edge', ip, labels, raw: true})
    return {listeners: answer.listeners, text: JSON.stringify(answer.raw)}
  }

  test('a DaemonSet on the selected node becomes ready; a second run changes nothing', async () => {
    expect(await deploy('--yes')).toContain('daemonset.apps/istio-ingressgateway serverside-applied')
    const pods = JSON.parse(await lab.kubectl('east', ['-n', 'edge', 'get', 'pods', '-o', 'json'])) as {
      items: {spec: {nodeName: string}; status: {podIP: string}}[]
    }
    expect(pods.items.map(({spec}) => spec.nodeName)).toEqual([node])
    ip = pods.items[0]!.status.podIP
    expect(await deploy('--dry-run=server', '--exit-code')).toBe('# east: 7 unchanged\n')
  })

  test('after ingress tls, istiod sends the secret and listeners on the ports of the pod', async () => {
    expect((await configuration()).text).not.toContain('kubernetes://')
    const key = ecKey()
    const extensions = ['subjectAltName=DNS:shop.example.com,DNS:bank.example.com']
    const files = {
      cert: makeCertificate({key, subject: '/CN=shop', extensions, days: 90}),
      key,
      ca: makeCertificate({key: ecKey(), subject: '/CN=clients', extensions: caExtensions}),
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(lab.dir, `${name}.pem`), text, {mode: 0o600})
    const file = (name: keyof typeof files) => [`--${name}`, join(lab.dir, `${name}.pem`)]
    await meshOk(lab, [
      ...['ingress', 'tls', 'shop.example.com', '-n', 'edge', ...file('cert'), ...file('key'), '--redirect', '--yes'],
    ])
    await meshOk(lab, [
      ...[
        'ingress',
        'tls',
        'bank.example.com',
        '-n',
        'edge',
        ...file('cert'),
        ...file('key'),
        ...file('ca'),
        '--mutual',
        '--yes',
      ],
    ])
    await expect
      .poll(async () => (await configuration()).text, {timeout: 60_000})
      .toContain('kubernetes://bank-example-com-tls')
    const {listeners, text} = await configuration()
    expect(listeners).toEqual(expect.arrayContaining(['0.0.0.0_8080', '0.0.0.0_8443']))
    expect(text).toContain('kubernetes://shop-example-com-tls')
    expect(text).toContain('kubernetes://bank-example-com-tls-cacert')
    expect(text).not.toContain('PRIVATE KEY')
  })

  test('another revision serves the hosts too, and --list reports a Gateway that it does not read', async () => {
    const next = await installControlPlane(lab, 'east', {revision: 'next', index: 2})
    // With the Service of a second control plane, the oldest istiod no longer translates the ports of the Service of the gateway to those
    // of its pods. The cause is not known.
    const ports = usesOldIstiod ? [80, 443] : [8080, 8443]
    await expect
      .poll(async () => (await configuration(next.xds)).listeners, {timeout: 60_000})
      .toEqual(expect.arrayContaining(ports.map(port => `0.0.0.0_${port}`)))
    // The Gateway as version 0.1.0 wrote it.
    const label = ['-n', 'edge', 'label', 'gateways.networking.istio.io', 'shop-example-com']
    await lab.kubectl('east', [...label, 'istio.io/rev=next'])
    await expect
      .poll(async () => (await configuration(istiod.xds)).text, {timeout: 60_000})
      .not.toContain('kubernetes://shop-example-com-tls')
    const list = await mesh(lab, ['ingress', 'tls', '--list'])
    expect(list).toMatchObject({code: 5, stdout: expect.stringContaining('is labelled istio.io/rev=next')})
    await lab.kubectl('east', [...label, 'istio.io/rev-'])
    await lab.kubectl('east', ['-n', 'istio-system', 'delete', 'deployment', 'istiod-next'])
  })

  test('istioctl analyze reports no problems with the Gateways', async () => {
    const args = ['analyze', '--context', 'east', '-n', 'edge', '-o', 'json']
    const out = execFileSync('istioctl', args, {env: {...process.env, ...lab.env}, encoding: 'utf8'})
    const codes = (JSON.parse(out) as {code: string; origin: string}[] | null)?.filter(({code}) =>
      /IST01(01|45|61|62)/.test(code),
    )
    expect(codes ?? []).toEqual([])
  })

  test('--list shows both hosts, and remove leaves the Gateways', async () => {
    const {certificates} = JSON.parse(await meshOk(lab, ['ingress', 'tls', '--list', '-o', 'json']))
    expect(certificates).toHaveLength(2)
    expect(await meshOk(lab, ['ingress', 'remove', 'istio-ingressgateway', '-n', 'edge', '--yes'])).toContain(
      'daemonset.apps/istio-ingressgateway deleted',
    )
  })
})
