import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {dump} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {type Inventory, openInventory, writeProviders} from '../../support/inventory/inventory.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'

describe.skipIf(!sharedServers())('clusters of an inventory', () => {
  let servers: RunningServers
  let ground: Ground
  let inventory: Inventory
  let providers: {file: string; log: string}
  let env: Record<string, string>
  const mesh = (...args: string[]) => ground.mesh(args, {env})
  const federate = (...args: string[]) => mesh('federate', ...args, ...flags())
  const serverOf = (name: string) => ['--server', `${name}=https://${name}.test:6443`]
  const flags = () => ['--system-namespace', ground.namespace, ...serverOf('east'), ...serverOf('west')]
  const loggedRuns = async () => (await readFile(providers.log, 'utf8')).split('\n').filter(Boolean)

  beforeAll(async () => {
    servers = await startServers(['east', 'west', 'south'])
    ground = await openGround(servers, {contexts: ['east', 'west', 'south']})
    inventory = await openInventory(servers.kubeconfig, 'south', ground.folder)
    providers = await writeProviders(ground.folder, inventory.logins)
    env = {KUBECONFIG: inventory.kubeconfig}
    for (const name of ['profiles', 'capi', 'argocd', 'empty'])
      await inventory.api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name}})
  })
  afterAll(async () => {
    inventory?.api.close()
    await ground?.close()
    await servers?.stop()
  })

  describe('ClusterProfiles', () => {
    const source = 'clusterprofile://mgmt/profiles?mesh=prod'
    const from = () => ['--clusters-from', source, '--access-providers', providers.file]

    it('two of fifty join, with credentials of a plugin, and nothing of them is printed or stored', async () => {
      for (let at = 0; at < 48; at++) await inventory.profile('profiles', `spare-${at}`, {mesh: 'test'})
      for (const name of ['east', 'west']) await inventory.profile('profiles', name, {mesh: 'prod', tier: name})
      const dry = await federate(...from(), '--dry-run=server')
      expect(dry.code, dry.stderr).toBe(0)
      const {code, stdout, stderr} = await federate(...from(), '--yes')
      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/^east .* 1 of 1 +joined\nwest .* 1 of 1 +joined$/m)
      const {cert, key} = inventory.logins.east!
      expect([dry.stdout, dry.stderr, stdout, stderr].join()).not.toMatch(
        new RegExp(`${key.slice(0, 40)}|${cert.slice(0, 40)}`),
      )
      const record = await ground.cluster('east').api.get(`/api/v1/namespaces/${ground.namespace}/configmaps`)
      expect(JSON.stringify(record)).not.toContain('clusterprofile:')
      // Once for each connection, only with what is in the file: what the profile adds is ignored.
      const runs = await loggedRuns()
      expect([...new Set(runs)].sort()).toEqual(['east own -', 'west own -'])
    })

    it('all fifty are read, of which --contexts selects two', async () => {
      const all = ['--clusters-from', 'clusterprofile://mgmt/profiles', '--access-providers', providers.file]
      const {code, stdout, stderr} = await federate(
        ...all,
        '--contexts',
        'east,west',
        '--dry-run=server',
        '--exit-code',
      )
      expect(code, stdout + stderr).toBe(0)
      // The others are contexts too; nothing connects to them.
      const unknown = await federate(...all, '--contexts', 'east,spare-50', '--dry-run=server')
      expect(unknown).toMatchObject({code: 2, stderr: expect.stringContaining('spare-47')})
    })

    it('a cluster that appears joins, and one that disappears is reported and stays', async () => {
      await inventory.profile('profiles', 'south', {mesh: 'prod'})
      const {code, stdout, stderr} = await federate(...from(), ...serverOf('south'), '--yes')
      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/^south .* 2 of 2 +joined$/m)
      await inventory.api.delete('/apis/multicluster.x-k8s.io/v1alpha1/namespaces/profiles/clusterprofiles/south')
      const second = await federate(...from(), '--yes')
      expect(second.code, second.stderr).toBe(0)
      expect(second.stderr).toContain(
        `warning: south is a member of the mesh, but not in ${source}; nothing is removed`,
      )
      const hint = /hint: +to remove it: kubectl mesh (federate remove .*)/.exec(second.stderr)?.[1] ?? ''
      expect(hint).toContain(
        `--clusters-from '${source}' --access-providers ${providers.file} --contexts south --from east,west`,
      )
      const secrets = await ground
        .cluster('east')
        .api.get<{items: {data?: object}[]}>(
          `/api/v1/namespaces/${ground.namespace}/secrets?labelSelector=${encodeURIComponent('istio/multiCluster=true')}`,
        )
      expect(secrets!.items.flatMap(({data}) => Object.keys(data ?? {})).sort()).toEqual(['south', 'west'])
      // The command of the hint works, although the source has no context of the cluster.
      const words = hint.replaceAll("'", '').split(' ')
      const removed = await mesh(...words, '--system-namespace', ground.namespace, '--yes')
      expect(removed.code, removed.stderr).toBe(0)
      const third = await federate(...from(), '--dry-run=server', '--exit-code')
      expect(third.code, third.stdout + third.stderr).toBe(0)
      expect(third.stderr).not.toContain('south')
    })

    it('a mesh file selects them by labels, and a saved plan reads them again', async () => {
      const file = join(ground.folder, 'mesh.yaml')
      const write = (clusters: object) => {
        const server = {east: 'https://east.test:6443', west: 'https://west.test:6443'}
        const spec = {clusters, systemNamespace: ground.namespace, server}
        return writeFile(file, dump({apiVersion: 'kubectl-mesh.io/v1alpha1', kind: 'Federation', spec}))
      }
      const access = ['--access-providers', providers.file]
      await write({from: source})
      expect(await mesh('validate', '-f', file)).toMatchObject({code: 0})
      for (const command of [
        ['diff', '--exit-code'],
        ['plan', '--exit-code'],
        ['apply', '--yes'],
      ]) {
        const result = await mesh(...command, '-f', file, ...access)
        expect(result.code, `${command.join(' ')}: ${result.stdout}${result.stderr}`).toBe(0)
      }
      const single = await mesh('federate', '-f', file, ...access, '--dry-run=server', '--exit-code')
      expect(single.code, single.stdout + single.stderr).toBe(0)
      const plan = join(ground.folder, 'plan.json')
      expect(await mesh('plan', '-f', file, ...access, '--out', plan)).toMatchObject({code: 0})
      expect(await readFile(plan, 'utf8')).not.toContain(inventory.logins.east!.key.slice(0, 40))
      const applied = await mesh('apply', plan, '--yes', ...access)
      expect(applied.code, applied.stderr).toBe(0)
      await write({from: source, matchLabels: {tier: 'east'}})
      const one = await mesh('plan', '-f', file, ...access)
      expect(one).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('needs at least two clusters, got one (east)'),
      })
      await write({from: source, matchLabels: {tier: 'none'}})
      const none = await mesh('plan', '-f', file, ...access)
      expect(none).toMatchObject({code: 3, stderr: expect.stringContaining('has the labels tier=none')})
      await write({from: 'ocm://a/b'})
      const invalid = await mesh('validate', '-f', file)
      expect(invalid).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/mesh.yaml:4:3: spec.clusters from: ocm:\/\/a\/b is not a source/),
      })
    })

    it('commands for one cluster take their names, and a removal only what it names', async () => {
      const list = await mesh('tenant', 'list', '--context', 'east', ...from(), '-o', 'json')
      expect(list.code, list.stderr).toBe(0)
      const remove = await mesh('federate', 'remove', ...from(), '--system-namespace', ground.namespace, '--yes')
      expect(remove).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--contexts is missing: which clusters leave?'),
      })
    })

    it('one without an access provider is reported and left out, one with an unknown provider is refused', async () => {
      await inventory.profile('profiles', 'new', {mesh: 'prod'}, {accessProviders: []})
      const {code, stderr} = await federate(...from(), '--dry-run=server')
      expect(code, stderr).toBe(0)
      expect(stderr).toContain(`warning: ${source}: ClusterProfile new has no access provider yet, and is left out`)
      await inventory.profile(
        'profiles',
        'new',
        {mesh: 'prod'},
        {accessProviders: [{name: 'gcp', cluster: {server: 'https://a'}}]},
      )
      const refused = await federate(...from(), '--dry-run=server')
      expect(refused).toMatchObject({
        code: 3,
        stderr: expect.stringContaining(
          `${source}: ClusterProfile new: its access providers (gcp) are not in the file`,
        ),
      })
      await inventory.api.delete('/apis/multicluster.x-k8s.io/v1alpha1/namespaces/profiles/clusterprofiles/new')
      const without = await federate('--clusters-from', source, '--dry-run=server')
      expect(without).toMatchObject({code: 2, stderr: expect.stringContaining('--access-providers is not set')})
    })

    it('their variables reach the plugin only if the file permits it', async () => {
      const permitting = await writeProviders(ground.folder, inventory.logins, {
        profileSourcedEnvVarsPolicy: 'AppendIfNotExists',
      })
      const {code, stderr} = await federate(...from(), '--dry-run=server')
      expect(code, stderr).toBe(0)
      expect(permitting.log).toBe(providers.log)
      expect(new Set(await loggedRuns())).toEqual(new Set(['east own east', 'west own west']))
    })
  })

  it('the kubeconfig Secrets of Cluster API are clusters; one with a program or a file is refused before anything runs', async () => {
    const from = ['--clusters-from', 'capi://mgmt/capi']
    for (const name of ['east', 'west']) await inventory.capi('capi', name)
    const {code, stdout, stderr} = await federate(...from, '--dry-run=server', '--exit-code')
    expect(code, stdout + stderr).toBe(0)
    const proof = join(ground.folder, 'ran')
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: '/bin/sh',
      args: ['-c', `touch ${proof}`],
      interactiveMode: 'Never',
    }
    for (const user of [
      {exec},
      {token: 'a', exec},
      {tokenFile: proof},
      {'client-certificate': proof, 'client-key': proof},
    ]) {
      await inventory.capi('capi', 'hostile', user)
      const refused = await federate(...from, '--yes')
      expect(refused).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('capi://mgmt/capi: Secret hostile-kubeconfig: '),
      })
      expect(refused.stderr).not.toContain('touch')
    }
    await expect(readFile(proof)).rejects.toThrow('ENOENT')
    const selected = await federate(
      '--clusters-from',
      'capi://mgmt/capi?cluster.x-k8s.io/cluster-name!=hostile',
      '--dry-run=server',
    )
    expect(selected.code, selected.stderr).toBe(0)
  })

  it('the cluster Secrets of Argo CD are clusters; bad JSON and programs are refused, and no secret is printed', async () => {
    const from = ['--clusters-from', 'argocd://mgmt/argocd']
    for (const name of ['east', 'west']) await inventory.argocd('argocd', name)
    const {code, stdout, stderr} = await federate(...from, '--dry-run=server', '--exit-code')
    expect(code, stdout + stderr).toBe(0)
    for (const [config, message] of [
      ['{"bearerToken": "s3cret"', 'the key "config" is not a JSON object'],
      [{bearerToken: 's3cret', execProviderConfig: {command: '/bin/sh'}}, 'config sets execProviderConfig'],
      [{bearerToken: 's3cret', awsAuthConfig: {}}, 'config sets awsAuthConfig'],
    ] as const) {
      await inventory.argocd('argocd', 'hostile', config)
      const refused = await federate(...from, '--yes', '-v=6')
      expect(refused).toMatchObject({
        code: 3,
        stderr: expect.stringContaining(`argocd://mgmt/argocd: Secret cluster-hostile: ${message}`),
      })
      expect(refused.stdout + refused.stderr).not.toContain('s3cret')
    }
    await inventory.api.delete('/api/v1/namespaces/argocd/secrets/cluster-hostile')
  })

  it('two clusters with the same name are an error that names both', async () => {
    const both = [
      '--clusters-from',
      'capi://mgmt/capi?cluster.x-k8s.io/cluster-name=east',
      '--clusters-from',
      'argocd://mgmt/argocd',
    ]
    const twice = await federate(...both, '--dry-run=server')
    const origin = 'Secret cluster-east of argocd://mgmt/argocd and Secret east-kubeconfig of capi://mgmt/capi'
    expect(twice).toMatchObject({code: 2, stderr: expect.stringContaining(`east is both ${origin}`)})
    const here = ['federate', '--clusters-from', 'argocd://south/argocd', '--dry-run=server']
    const context = await ground.mesh(here, {env: {KUBECONFIG: servers.kubeconfig}})
    expect(context).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        `east is both Secret cluster-east of argocd://south/argocd and a context of ${servers.kubeconfig}`,
      ),
    })
  })

  it('no match, a missing namespace, a denied list and an unknown context name the source and the next step', async () => {
    const run = (source: string, ...more: string[]) => federate('--clusters-from', source, '--dry-run=server', ...more)
    for (const [source, code, message] of [
      ['argocd://mgmt/argocd?env=none', 3, 'namespace argocd has no cluster Secret of Argo CD with env=none'],
      ['capi://mgmt/empty', 3, 'namespace empty has no kubeconfig Secret of Cluster API'],
      ['capi://mgmt/nowhere', 3, 'namespace nowhere does not exist'],
      ['capi://mgmt/capi?a in', 3, 'unable to parse'],
      ['capi://other/capi', 2, 'context "other" does not exist'],
      ['ocm://mgmt/capi', 2, 'is not a source of clusters'],
    ] as const) {
      const {code: got, stderr} = await run(source)
      expect(stderr).toContain(message)
      expect(stderr).toContain(source)
      expect(stderr).toContain('hint:')
      expect(got).toBe(code)
    }
    const denied = await run('capi://mgmt/capi', '--as', 'stranger')
    expect(denied).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/error: capi:\/\/mgmt\/capi: .*list.*secrets.*\n/),
    })
    const offline = await federate('--clusters-from', 'capi://mgmt/capi', '--dry-run=client')
    expect(offline).toMatchObject({code: 2, stderr: expect.stringContaining('conflicts with --dry-run=client')})
  })

  it('a cluster without the ClusterProfile API is named', async () => {
    const source = 'clusterprofile://east/profiles'
    const kubeconfig = {KUBECONFIG: ground.cluster('east').direct.kubeconfig}
    const args = ['check', '--clusters-from', source, '--access-providers', providers.file]
    const {code, stderr} = await ground.mesh(args, {env: kubeconfig})
    expect({code, stderr}).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`${source}: the cluster has no ClusterProfile API`),
    })
  })
})
