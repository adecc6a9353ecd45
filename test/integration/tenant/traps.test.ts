import {chmod, mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {fakeControlPlane} from '../../support/fake/control-plane.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {makeNamespaces, openTenantGround, playGarbageCollector, playIstiod, type TenantGround} from './support.ts'

describe.skipIf(!sharedServers())('mistakes that fail silently with manual steps', () => {
  let ground: TenantGround

  beforeAll(async () => {
    ground = await openTenantGround()
    await makeNamespaces(ground.api, 't1', 'app-1')
    expect(await ground.tenant(['add', 't1', '--namespaces', 'app-1', '--no-wait', '--yes'])).toMatchObject({code: 0})
    await playIstiod(ground.api, 't1', 't1', ['app-1'])
  })
  afterAll(() => ground?.close())

  async function refuses(args: readonly string[], message: string | RegExp, code = 3): Promise<void> {
    const before = await ground.snapshot()
    const result = await ground.tenant(['add', ...args, '--yes'])
    expect(result.stderr).toMatch(message)
    expect(result).toMatchObject({code, stdout: ''})
    expect(await ground.snapshot()).toEqual(before)
  }

  async function reports(message: string | RegExp, args: readonly string[] = []): Promise<void> {
    const {stdout} = await ground.tenant(['verify', ...args])
    expect(stdout).toMatch(message)
  }

  describe('trap 6: one revision twice', () => {
    const deployment = '/apis/apps/v1/namespaces/other/deployments/istiod-t1'

    it('add refuses it', () => refuses(['t9', '--revision', 't1'], 'revision t1 is used by t1 in namespace t1'))

    it('verify reports it, and webhooks that call another istiod', async () => {
      await fakeControlPlane(ground.kubeconfig, 'one', {systemNamespace: 'other', revision: 't1'})
      await reports('✘ the control plane in namespace t1 also has revision t1', ['other'])
      await reports(
        '✘ MutatingWebhookConfiguration istio-sidecar-injector-t1-t1 of revision t1 calls istiod-t1 in namespace t1',
        ['other'],
      )
      await ground.api.delete(deployment)
    })
  })

  describe('trap 7: two revisions in one namespace', () => {
    it('add refuses it', () =>
      refuses(['t9', '--system-namespace', 't1'], /only one control plane per namespace distributes root certificates/))

    it('verify reports it', async () => {
      await fakeControlPlane(ground.kubeconfig, 'one', {systemNamespace: 't1', revision: 'r2'})
      await reports(/✘ namespace t1 also contains revision r2; only one of the two writes istio-ca-root-cert/)
      await ground.api.delete('/apis/apps/v1/namespaces/t1/deployments/istiod-r2')
      for (const name of ['istio-r2', 'istio-sidecar-injector-r2'])
        await ground.api.delete(`/api/v1/namespaces/t1/configmaps/${name}`)
    })
  })

  describe('trap 8: a selector that does not match the system namespace', () => {
    it('add refuses it', () =>
      refuses(
        ['t9', '--set', 'meshConfig.discoverySelectors[0].matchLabels.team=x'],
        'the discoverySelectors in --set or --values do not match the system namespace t9',
      ))

    it('verify reports it and the missing label', async () => {
      await ground.api.replace(await namespaceWith({usergroup: undefined}), 'someone')
      await reports(
        /✘ its discovery selectors do not match namespace t1[\s\S]*hint: kubectl label namespace t1 usergroup=t1/,
      )
      expect(await ground.tenant(['verify'])).toMatchObject({code: 5})
      const again = await ground.tenant(['add', 't1', '--namespaces', 'app-1', '--no-wait', '--yes'])
      expect(again).toMatchObject({code: 0, stderr: 'one: 1 to change, 22 unchanged\n'})
      const {stdout} = await ground.tenant(['verify', 't1'])
      expect(stdout).toContain('✔ its discovery selectors match its system namespace')
    })

    async function namespaceWith(labels: Record<string, string | undefined>) {
      const live = (await ground.api.get('/api/v1/namespaces/t1'))!
      return {...live, metadata: {...live.metadata, labels: {...(live.metadata.labels as object), ...labels}}}
    }
  })

  it('trap 9: verify reports a resource without a revision, which no istiod validates', async () => {
    const service = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: {name: 'loose', namespace: 'app-1'},
      spec: {hosts: ['a'], http: [{route: [{destination: {host: 'a'}}]}]},
    }
    await ground.api.create(service)
    await reports(
      /‼ VirtualService loose in namespace app-1 has no label istio\.io\/rev[\s\S]*label virtualservice loose istio\.io\/rev=t1/,
    )
    await ground.api.delete('/apis/networking.istio.io/v1/namespaces/app-1/virtualservices/loose')
  })

  describe('the default of the cluster', () => {
    it('is set only on request, is reported to the next tenant, and is removed with its tenant', async () => {
      expect(await ground.tenant(['add', 't3', '--default', '--no-wait', '--yes'])).toMatchObject({code: 0})
      const validator = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/istiod-default-validator'
      expect(await ground.api.get(validator)).toMatchObject({metadata: {labels: {'istio.io/rev': 't3'}}})
      await reports(
        '‼ revision t3 is the default of the cluster; it injects namespaces with istio-injection=enabled and validates',
      )
      const next = await ground.tenant(['add', 't4', '--via', 'none', '--dry-run=server'])
      expect(next.stderr).toContain('warning: revision t3 is the default of the cluster')
      await refuses(['t4', '--default'], 'revision t3 is already the default of the cluster')
      expect(await ground.tenant(['remove', 't3', '--yes', '--no-wait'])).toMatchObject({code: 0})
      expect(await ground.api.get(validator)).toBeUndefined()
    })
  })

  describe('invalid input is refused and nothing is written', () => {
    let folder: string
    const program = async (name: string, script: string) => {
      const file = join(folder, name)
      await writeFile(file, `#!/bin/sh\n${script}\n`)
      await chmod(file, 0o755)
      return file
    }
    beforeAll(() => {
      folder = ground.folder
    })

    it.each<[string, string[], RegExp, number]>([
      ['an unknown profile', ['--profile', 'nope'], /rejects this control plane: .*profile "nope" not found/, 3],
      ['an invalid path', ['--set', 'nope'], /--set nope is not PATH=VALUE/, 2],
      ['an unknown field', ['--set', 'values.global.nope=1'], /unknown field "nope"/, 3],
      ['a revision in --set', ['--set', 'revision=x'], /sets revision to x; expected t9/, 2],
      ['a missing file', ['--values', '/nowhere'], /cannot read \/nowhere: no such file/, 2],
      ['a missing istioctl', ['--istioctl', '/nowhere'], /no executable file with this name/, 2],
      ['no helm', ['--via', 'helm'], /helm is not in PATH/, 2],
    ])('%s', (_, args, message, code) => refuses(['t9', ...args], message, code))

    it('an istioctl that is too old', async () => {
      const file = await program('old', 'echo \'{"clientVersion": {"version": "1.23.6"}}\'')
      await refuses(['t9', '--istioctl', file], /has version 1\.23\.6; expected 1\.24 or newer/)
    })

    it('an istioctl that fails, another program, and one that prints no YAML', async () => {
      const failing = await program(
        'failing',
        'case $1 in version) echo \'{"clientVersion": {"version": "1.31.0"}}\' ;; *) echo "Error: out of luck" >&2; exit 1 ;; esac',
      )
      await refuses(['t9', '--istioctl', failing], /istioctl 1\.31\.0 rejects this control plane: out of luck/)
      await refuses(['t9', '--istioctl', '/bin/true'], /printed no client version/)
      const odd = await program(
        'odd',
        'case $1 in version) echo \'{"clientVersion": {"version": "1.31.0"}}\' ;; *) echo "hello: [" ;; esac',
      )
      await refuses(['t9', '--istioctl', odd], /error: /)
    })

    it('no istioctl in PATH', async () => {
      const before = await ground.snapshot()
      const result = await ground.tenant(['add', 't9', '--yes'], {env: {PATH: '/nowhere'}})
      expect(result).toMatchObject({code: 2, stdout: ''})
      expect(result.stderr).toContain('istioctl is not in PATH')
      expect(await ground.snapshot()).toEqual(before)
    })

    it('values do not appear in arguments of processes and leave no file', async () => {
      const file = await program('spy', `echo "$@" >> ${folder}/argv; exec ${ground.bin}/istioctl "$@"`)
      const args = ['add', 't9', '--istioctl', file, '--set', 'values.pilot.env.TOKEN=s3cr3t', '--dry-run=client']
      const temporary = join(folder, 'tmp')
      await mkdir(temporary)
      const {code, stdout} = await ground.tenant(args, {env: {TMPDIR: temporary}})
      expect({code, has: stdout.includes('s3cr3t')}).toEqual({code: 0, has: true})
      expect(await readFile(join(folder, 'argv'), 'utf8')).not.toContain('s3cr3t')
      expect((await readdir(temporary)).filter(name => name !== 'node-compile-cache')).toEqual([])
    })
  })

  it('verify --traffic deletes its own namespaces, and none that only carries their label', async () => {
    const labels = {'kubectl-mesh.io/throw-away': 't1'}
    await ground.api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'precious', labels}})
    const terminating = async () => {
      const {items} = (await ground.api.get<{items: AnyObject[]}>('/api/v1/namespaces'))!
      return items.filter(({metadata}) => metadata.deletionTimestamp).map(({metadata}) => metadata.name)
    }
    const before = await terminating()
    // No pod becomes ready on this API server.
    const {code, stderr} = await ground.tenant(['verify', '--traffic', '--yes', '--timeout', '2s'])
    expect(code, stderr).toBe(3)
    const deleted = (await terminating()).filter(name => !before.includes(name))
    expect(deleted).toEqual([expect.stringMatching(/^mesh-traffic-t1-/)])
  })

  // This test is last because it removes the tenant.
  it('trap 10: verify reports what istioctl uninstall --revision leaves, and remove removes it', async () => {
    ground.istioctl(['uninstall', '--revision', 't1', '-y', '--skip-confirmation'])
    await playGarbageCollector(ground.api)
    expect(await ground.api.get('/apis/apps/v1/namespaces/t1/deployments/istiod-t1')).toBeUndefined()
    await reports(/✘ there is no Deployment istiod-t1 in namespace t1/)
    expect(await ground.tenant(['remove', 't1', '--yes'])).toMatchObject({code: 0})
    const role = await ground.api.get('/apis/rbac.authorization.k8s.io/v1/clusterroles/istiod-clusterrole-t1-t1')
    expect(role).toBeUndefined()
    for (const namespace of ['t1', 'app-1'])
      expect(await ground.api.get(`/api/v1/namespaces/${namespace}/configmaps/istio-ca-root-cert`)).toBeUndefined()
  })

  it('verify reports leftovers of a control plane that does not exist', async () => {
    await ground.api.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: {name: 'istiod-clusterrole-gone-gone', labels: {app: 'istiod'}},
      rules: [],
    })
    await ground.api.create({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: {name: 'istiod-default-validator', labels: {'istio.io/rev': 'gone'}},
      webhooks: [
        {
          name: 'validation.istio.io',
          clientConfig: {service: {name: 'istiod-gone', namespace: 'gone'}},
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Ignore',
        },
      ],
    })
    const {code, stdout} = await ground.tenant(['verify'])
    expect(stdout).toContain('ClusterRoles of control planes that do not exist: istiod-clusterrole-gone-gone')
    expect(stdout).toContain(
      '✘ ValidatingWebhookConfiguration istiod-default-validator calls Service istiod-gone in namespace gone, which does not exist',
    )
    expect(code).toBe(5)
  })
})
