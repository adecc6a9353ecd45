import {existsSync} from 'node:fs'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {shell} from '../../bin/cli.ts'
import {type Ground, isWrite, openGround} from '../../support/ground/ground.ts'
import {runMesh} from '../../support/ground/program.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
let count = 0

describe.skipIf(!servers)('a failure after the first write has exit code 4, and the writes are reported', () => {
  let ground: Ground
  afterEach(() => ground?.close())

  it('vm register: the token for the files cannot be requested', async () => {
    ground = await openGround(servers!, {contexts: ['east']})
    const denied = {status: 403, body: {kind: 'Status', message: 'tokens are denied'}}
    ground.cluster('east').proxy.decide = ({url}) => (url.includes('/serviceaccounts/web/token') ? denied : 'pass')
    const {code, stdout, stderr} = await ground.mesh([
      ...['vm', 'register', 'web', '-n', `exit-${process.pid}-${++count}`, '--service-account', 'web'],
      ...['--system-namespace', ground.namespace, '--gateway-address', '127.0.0.1'],
      ...['--output-dir', join(ground.folder, 'bundle'), '--yes'],
    ])
    expect({code}, stdout + stderr).toEqual({code: 4})
    expect(stdout).toMatch(/^workloadgroup\.networking\.istio\.io\/web serverside-applied \(east\)$/m)
    expect(stderr).toMatch(/^error: .*tokens are denied/m)
  })

  it('federate: the report cannot be written', async () => {
    ground = await openGround(servers!)
    const line = (more: string) => `"$node" "$bin" federate ${ground.all.join(' ')} ${more} > /dev/full`
    expect(await shell(line('--dry-run=server'), ground.env)).toMatchObject({code: 3})
    const {code, stderr} = await shell(line('--yes'), ground.env)
    expect({code}, stderr).toEqual({code: 4})
    expect(stderr).toContain('error: cannot write to stdout: ENOSPC')
    expect(ground.writes().length).toBeGreaterThan(10)
  })

  it('apply of mesh files: the report cannot be written', async () => {
    ground = await openGround(servers!, {contexts: ['east']})
    const {api} = ground.cluster('east')
    const node = `exit-${process.pid}-node`
    await api.create({apiVersion: 'v1', kind: 'Node', metadata: {name: node}})
    const spec = {context: 'east', node: [node], region: 'eu', zone: 'eu-1'}
    const file = join(ground.folder, 'mesh.yaml')
    await writeFile(file, JSON.stringify({apiVersion: 'kubectl-mesh.io/v1alpha1', kind: 'NodeLocalities', spec}))
    const {code, stderr} = await shell(`"$node" "$bin" apply -f ${file} --yes > /dev/full`, ground.env)
    expect({code}, stderr).toEqual({code: 4})
    expect(ground.writes().length).toBeGreaterThan(0)
    await api.delete(`/api/v1/nodes/${node}`)
  })

  it('vm register: an object is created, and the list of members cannot be written', async () => {
    ground = await openGround(servers!, {contexts: ['east']})
    const {api, proxy} = ground.cluster('east')
    const namespace = `exit-${process.pid}-${++count}`
    const register = () =>
      ground.mesh([
        ...['vm', 'register', 'web', '-n', namespace, '--service-account', 'web', '--gateway-address', '127.0.0.1'],
        ...['--system-namespace', ground.namespace, '--output-dir', join(ground.folder, 'bundle'), '--yes'],
      ])
    expect(await register()).toMatchObject({code: 0})
    const group = `/apis/networking.istio.io/v1/namespaces/${namespace}/workloadgroups/web`
    await api.delete(group)
    const denied = {status: 403, body: {kind: 'Status', message: 'the list is read-only'}}
    proxy.decide = request => (isWrite(request) && request.url.includes('/configmaps/') ? denied : 'pass')
    const {code, stdout, stderr} = await register()
    expect({code}, stdout + stderr).toEqual({code: 4})
    expect(stderr).toMatch(/^error: east: workloadgroup\.networking\.istio\.io\/web: .*the list is read-only$/m)
    expect(await api.get(group)).toBeDefined()
  })

  it('federate --ca-dir: intermediates are issued into the folder, and the plan with them fails', async () => {
    const ca = join(await mkdtemp(join(tmpdir(), 'kubectl-mesh-exit-')), 'ca')
    expect(await runMesh(['ca', 'init', '--dir', ca], {env: {}})).toMatchObject({code: 0})
    const root = await readFile(join(ca, 'root-cert.pem'), 'utf8')
    ground = await openGround(servers!, {controlPlane: () => ({rootCert: root})})
    const denied = {status: 403, body: {kind: 'Status', message: 'no further dry runs'}}
    ground.cluster('west').proxy.decide = ({url}) =>
      url.includes('dryRun=All') && existsSync(join(ca, 'west', 'ca-cert.pem')) ? denied : 'pass'
    const {code, stdout, stderr} = await ground.federate(['--ca-dir', ca, '--yes'])
    expect({code}, stdout + stderr).toEqual({code: 4})
    expect(stderr).toMatch(/^error: .*no further dry runs/m)
    expect(ground.writes()).toEqual([])
    await rm(dirname(ca), {recursive: true})
  })

  it('federate: a cluster answers only the first of its writes', async () => {
    ground = await openGround(servers!)
    let writes = 0
    const denied = {status: 403, body: {kind: 'Status', message: 'no further writes'}}
    ground.cluster('west').proxy.decide = ({method, url}) => {
      const isWrite = method === 'PATCH' && !url.includes('dryRun')
      return isWrite && ++writes > 1 ? denied : 'pass'
    }
    const {code, stdout, stderr} = await ground.federate(['--yes'])
    expect({code}, stdout + stderr).toEqual({code: 4})
    expect(stdout).toMatch(/^east .*\n *west /m)
    expect(stderr).toMatch(/^error: west: .*no further writes$/m)
    expect(stderr).toMatch(/^hint: {2}to continue: kubectl mesh federate /m)
  })
})
