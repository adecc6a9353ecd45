import {once} from 'node:events'
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {findRenderTools} from '../../support/binaries.ts'
import {fakeControlPlane} from '../../support/fake/control-plane.ts'
import {sizes} from '../../support/fake/screens.ts'
import {expectGolden} from '../../support/golden.ts'
import {playIstiodPods} from '../../support/ground/players.ts'
import {home, type ProgramResult, programWords, runMesh, startMesh} from '../../support/ground/program.ts'
import {keys, startPty} from '../../support/pty.ts'
import {type AnyObject, type Api, openApi} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {istioRelease, readyPod, snapshot} from './support.ts'

const tools = sharedServers() ? await findRenderTools() : undefined
const all = ['kiali', 'prometheus', 'grafana', 'jaeger', 'loki']

describe.skipIf(!sharedServers())("Istio's add-ons on a real API server", () => {
  let servers: RunningServers
  let api: Api
  let release: string
  let before: unknown
  const addon = (...words: string[]): Promise<ProgramResult> =>
    runMesh(['addon', ...words], {env: {KUBECONFIG: servers.kubeconfig}})
  const install = (names: string[], ...words: string[]) =>
    addon('install', ...names, '--from', release, '--no-wait', '--yes', ...words)
  const configOf = async (namespace: string) => {
    const map = await api.get<{data: Record<string, string>}>(`/api/v1/namespaces/${namespace}/configmaps/kiali`)
    return map!.data['config.yaml']!
  }

  beforeAll(async () => {
    release = istioRelease()
    servers = await startServers(['one'])
    api = await openApi(servers.kubeconfig, 'one')
    await fakeControlPlane(servers.kubeconfig, 'one', {clusterName: 'one'})
    await fakeControlPlane(servers.kubeconfig, 'one', {clusterName: 'one', systemNamespace: 'mesh-a', revision: 'a'})
    // It stays after the removal.
    await api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'obs'}})
    before = await snapshot(api)
  })
  afterAll(async () => {
    api?.close()
    await servers?.stop()
  })

  it('reports a cluster without add-ons, and nothing to remove', async () => {
    expect(await addon('list')).toMatchObject({code: 0, stderr: expect.stringContaining('one: no add-ons found')})
    expect(await addon('remove', 'kiali', '--yes')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('nothing to remove: there is no add-on kiali'),
    })
  })

  it('shows the changes, and writes nothing', async () => {
    const {code, stdout} = await addon('install', ...all, '--from', release, '--dry-run=server')
    expect({code, stdout}).toMatchObject({code: 0, stdout: expect.stringMatching(/^# one: \d+ to create/)})
    expect(await snapshot(api)).toEqual(before)
  })

  it('refuses Kiali without an istiod', async () => {
    expect(await install(['kiali'], '--system-namespace', 'empty')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('no istiod in namespace empty'),
    })
  })

  it('installs all add-ons; a second run changes nothing', async () => {
    const {code, stdout, stderr} = await install(all, '--auth', 'token')
    expect({code, stderr}).toMatchObject({code: 0})
    expect(stdout).toContain('statefulset.apps/loki serverside-applied (one)')
    expect(await configOf('istio-system')).toContain('strategy: token')
    expect(await addon('install', ...all, '--from', release, '--dry-run=server', '--exit-code')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^# one: \d+ unchanged\n$/),
    })
    const listed = await addon('list', '-o', 'json')
    const {addons} = JSON.parse(listed.stdout) as {addons: {name: string; auth: string | null; managedBy: string}[]}
    expect(addons.map(({name}) => name)).toEqual([...all].sort())
    expect(addons.find(({name}) => name === 'kiali')).toMatchObject({auth: 'token', managedBy: 'kubectl mesh'})
  })

  it('the key for sessions is random, and stays', async () => {
    const path = '/api/v1/namespaces/istio-system/secrets/kiali-signing-key'
    const key = async () => (await api.get<{data: {key: string}}>(path))!.data.key
    const first = await key()
    expect(Buffer.from(first, 'base64').toString()).toMatch(/^[0-9a-f]{32}$/)
    expect((await install(['kiali'])).code).toBe(0)
    expect(await key()).toBe(first)
  })

  it('without a login is a risk that needs a flag, and the key is removed', async () => {
    const {code, stderr} = await install(['kiali'], '--auth', 'anonymous')
    expect({code, stderr}).toMatchObject({code: 0, stderr: expect.stringContaining('Kiali will require no login')})
    expect(await api.get('/api/v1/namespaces/istio-system/secrets/kiali-signing-key')).toBeUndefined()
    expect(await configOf('istio-system')).toContain('strategy: anonymous')
    expect((await install(['kiali'], '--auth', 'token')).code).toBe(0)
  })

  it('--diff-context sets the unchanged lines around a change', async () => {
    const diff = async (lines: number) => {
      const words = ['--auth', 'anonymous', '--dry-run=server', '--diff-context', `${lines}`]
      const {stdout} = await addon('install', 'kiali', '--from', release, ...words)
      const [, hunk = ''] = stdout.split(/^\+\+\+ .*\/ConfigMap\/istio-system\/kiali$/m)
      return hunk.split(/^--- /m)[0]!.split('\n')
    }
    const [none, one, many] = [await diff(0), await diff(1), await diff(8)]
    const changed = (lines: string[]) => lines.filter(line => /^[-+]/.test(line))
    const context = (lines: string[]) => lines.filter(line => line.startsWith(' ')).length
    expect(changed(none)).toEqual(expect.arrayContaining(['-      strategy: token', '+      strategy: anonymous']))
    expect([changed(one), changed(many)]).toEqual([changed(none), changed(none)])
    expect(context(none)).toBe(0)
    expect(context(one)).toBeGreaterThan(0)
    expect(context(many)).toBeGreaterThan(context(one) + 4)
    const wrong = await addon('install', 'kiali', '--from', release, '--dry-run=server', '--diff-context', 'many')
    expect(wrong).toMatchObject({code: 2, stderr: expect.stringContaining('--diff-context')})
  })

  it('a second set in another namespace shares no object with the first', async () => {
    const place = ['--system-namespace', 'mesh-a', '--revision', 'a', '-n', 'obs']
    const first = await snapshot(api)
    const {code, stderr} = await install(all, ...place)
    expect({code, stderr}).toMatchObject({code: 0})
    const config = await configOf('obs')
    expect(config).toContain('root_namespace: mesh-a')
    expect(config).toContain('url: http://prometheus.obs:9090')
    expect(config).not.toContain('istio-system')
    const now = await snapshot(api)
    for (const [path, object] of Object.entries(first)) expect(now[path], path).toEqual(object)
    expect((await addon('remove', ...all, '--system-namespace', 'mesh-a', '--yes')).code).toBe(0)
    expect(await snapshot(api)).toEqual(first)
  })

  it('opens Kiali, and prints a token that the API server accepts and no log contains', async () => {
    const deployment = await api.get('/apis/apps/v1/namespaces/istio-system/deployments/kiali')
    expect(await addon('open', 'kiali', '--port', '0')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('no pod of kiali in namespace istio-system is ready'),
    })
    await readyPod(api, deployment!)
    let stderr = ''
    const child = startMesh(['addon', 'open', 'kiali', '--port', '0', '--print-token', '-v=9'], {
      env: {KUBECONFIG: servers.kubeconfig},
    })
    child.stderr!.on('data', data => {
      stderr += String(data)
    })
    const lines: string[] = []
    for await (const line of createInterface({input: child.stdout!})) {
      lines.push(line)
      if (lines.length === 2) break
    }
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(stderr).not.toContain('interrupted')
    expect(lines[0]).toMatch(/^http:\/\/localhost:\d+\/kiali$/)
    const review = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      metadata: {name: ''},
      spec: {token: lines[1]},
    }
    expect((await api.create(review as AnyObject)).status).toMatchObject({
      authenticated: true,
      user: {username: 'system:serviceaccount:istio-system:kiali'},
    })
    expect(stderr).toContain('/serviceaccounts/kiali/token')
    expect(stderr).not.toContain(lines[1]!.split('.')[2])
    const ask = async (size?: {rows: number; columns: number}) => {
      const shown = startPty([...programWords, 'addon', 'open', '--port', '0'], {
        env: {KUBECONFIG: servers.kubeconfig, HOME: home, NO_COLOR: '1'},
        ...(size ? {size} : {}),
      })
      await shown.sees('Which add-on?')
      return shown
    }
    for (const size of sizes) {
      const shown = await ask(size)
      await expectGolden(`screens/addon-open-${size.columns}.txt`, await shown.shows())
      shown.kill()
    }
    const pty = await ask()
    pty.type(keys.down + keys.down + keys.enter)
    await pty.sees('press Ctrl-C to stop')
    await pty.sees('  kubectl mesh addon open --port 0 kiali')
    await pty.sees(/http:\/\/localhost:\d+\/kiali/)
    pty.type(keys.ctrlC)
    expect(await pty.ended, pty.screen()).toBe(0)
    await api.delete('/api/v1/namespaces/istio-system/pods/kiali-0?gracePeriodSeconds=0')
  })

  it('remove leaves nothing', async () => {
    const {code, stdout} = await addon('remove', ...all, '--yes')
    expect({code, stdout}).toMatchObject({code: 0, stdout: expect.stringContaining('deployment.apps/kiali deleted')})
    expect(await snapshot(api)).toEqual(before)
  })

  it('installs one add-on from a single file, and the same from standard input', async () => {
    const file = join(release, 'samples', 'addons', 'jaeger.yaml')
    const from = (source: string, ...words: string[]) => ['addon', 'install', 'jaeger', '--from', source, ...words]
    const env = {KUBECONFIG: servers.kubeconfig}
    const text = await readFile(file, 'utf8')
    const created = await runMesh(from(file, '--no-wait', '--yes'), {env})
    expect(created, created.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('deployment.apps/jaeger serverside-applied (one)'),
    })
    const again = await runMesh(from('-', '--dry-run=server', '--exit-code'), {env, input: text})
    // Only the record changes: it has the path of the file.
    expect(again, again.stderr).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^# one: 1 to change, \d+ unchanged$/m),
    })
    expect(again.stdout.match(/^--- .*$/gm)).toEqual([
      '--- live/one/v1/ConfigMap/istio-system/kubectl-mesh-addon-jaeger',
    ])
    const changed = text.replace(/image: .*/, 'image: example.com/jaeger')
    const piped = await runMesh(from('-', '--no-wait', '--yes'), {env, input: changed})
    expect(piped, piped.stderr).toMatchObject({code: 0})
    const deployment = await api.get('/apis/apps/v1/namespaces/istio-system/deployments/jaeger')
    expect(JSON.stringify(deployment)).toContain('example.com/jaeger')
    const two = await runMesh(['addon', 'install', 'jaeger', 'loki', '--from', file, '--yes'], {env})
    expect(two).toMatchObject({code: 2, stderr: expect.stringContaining('contains one add-on, and 2 are requested')})
    expect((await addon('remove', 'jaeger', '--yes')).code).toBe(0)
    expect(await snapshot(api)).toEqual(before)
  })

  it.skipIf(!tools)('installs a Helm chart with the real helm, and waits for its pods', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-chart-'))
    const chart = join(folder, 'prometheus')
    const values = join(folder, 'values.yaml')
    const labels = {'app.kubernetes.io/name': 'prometheus'}
    const container = {name: 'prometheus', image: '{{ .Values.image }}'}
    const deployment = {
      ...{apiVersion: 'apps/v1', kind: 'Deployment'},
      metadata: {name: '{{ .Release.Name }}', namespace: '{{ .Release.Namespace }}', labels},
      spec: {selector: {matchLabels: labels}, template: {metadata: {labels}, spec: {containers: [container]}}},
    }
    await mkdir(join(chart, 'templates'), {recursive: true})
    await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: prometheus\nversion: 1.0.0\n')
    await writeFile(join(chart, 'values.yaml'), 'image: old\n')
    await writeFile(join(chart, 'templates', 'deployment.yaml'), JSON.stringify(deployment))
    await writeFile(values, 'image: example.com/prometheus:v3\n')
    const env = {KUBECONFIG: servers.kubeconfig, PATH: `${tools!.helm}:${process.env.PATH}`}
    const stop = playIstiodPods(api, 'obs', 'prometheus')
    const args = ['addon', 'install', 'prometheus', '--from', chart, '--values', values, '-n', 'obs', '--yes']
    const {code, stderr} = await runMesh(args, {env})
    expect({code, stderr}).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('waiting for Deployment prometheus'),
    })
    const path = '/apis/apps/v1/namespaces/obs/deployments/prometheus'
    expect(await api.get(path)).toMatchObject({
      spec: {template: {spec: {containers: [{image: 'example.com/prometheus:v3'}]}}},
      status: {availableReplicas: 1},
    })
    stop()
    expect((await addon('remove', 'prometheus', '--yes')).code).toBe(0)
    expect(await api.get(path)).toBeUndefined()
    await rm(folder, {recursive: true})
  })

  it('does not remove what kubectl applied, and adopts it where it already matches', async () => {
    const printed = await addon('install', 'jaeger', '--from', release, '--dry-run=client', '-o', 'json')
    const {items} = JSON.parse(printed.stdout) as {items: AnyObject[]}
    for (const object of items.filter(
      one => one.kind !== 'Namespace' && !one.metadata.name.startsWith('kubectl-mesh'),
    )) {
      const {labels, ...metadata} = object.metadata as {labels?: Record<string, string>; name: string}
      const {'applyset.kubernetes.io/part-of': _set, ...others} = labels ?? {}
      await api.apply({...object, metadata: {...metadata, labels: others}} as AnyObject, undefined, 'kubectl')
    }
    expect(await addon('remove', 'jaeger', '--yes')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('kubectl-mesh did not install jaeger in namespace istio-system'),
    })
    const applied = await install(['jaeger'])
    expect({code: applied.code, stderr: applied.stderr}).toMatchObject({code: 0})
    expect(applied.stdout).not.toContain('deployment.apps/jaeger')
    await addon('remove', 'jaeger', '--yes')
    // What was there before stays.
    expect(await api.get('/apis/apps/v1/namespaces/istio-system/deployments/jaeger')).toBeDefined()
  })
})
