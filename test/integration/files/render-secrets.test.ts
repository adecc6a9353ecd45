import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {loadAll} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {labTool} from '../../support/binaries.ts'
import {externalSecrets, kustomizeController, moduleFile} from '../../support/go-module.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {run, runOk} from '../../support/run.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

/** Go's template engine, which External Secrets uses (runtime/template/v2 of External Secrets 1.3). */
const templates = `package main
import ("os"; "text/template")
func main() {
  parsed := template.Must(template.New("").Option("missingkey=error").Parse(os.Args[1]))
  if err := parsed.Execute(os.Stdout, map[string]string{"token": os.Args[2]}); err != nil { panic(err) }
}
`

interface Encrypted extends AnyObject {
  data: Record<string, string>
  sops: object
}

interface ExternalSecret extends AnyObject {
  spec: {
    data: {remoteRef: {key: string; property: string}}[]
    target: {template: {data: Record<string, string>; metadata: object; type: string}}
  }
}

describe.skipIf(!servers)('Secrets in the files of a render', () => {
  let ground: Ground
  let folder: string
  let repository: string
  let sops: string
  let keys: string
  const out = (name: string) => join(repository, name)
  const store = ['--secrets', 'external-secrets', '--secret-store', 'vault']
  const sealed = ['--secrets', 'sops', '--decryption-secret', 'sops-age']
  const render = (name: string, args: string[], env: Record<string, string> = {}) =>
    ground.mesh(
      ['render', '-f', folder, '--for', 'flux', '--engine-cluster', 'west', '--output-dir', out(name), ...args],
      {
        env: {PATH: `${dirname(sops)}:${process.env.PATH}`, SOPS_AGE_KEY_FILE: '/nowhere', ...env},
      },
    )
  const withKey = () => ({SOPS_AGE_KEY_FILE: keys})
  const files = async (name: string) => {
    const entries = await readdir(out(name), {recursive: true, withFileTypes: true})
    const paths = entries.filter(entry => entry.isFile()).map(({parentPath, name: file}) => join(parentPath, file))
    return Object.fromEntries(await Promise.all(paths.map(async path => [path, await readFile(path, 'utf8')] as const)))
  }
  const objectsOf = async <T extends AnyObject>(name: string, kind: string) =>
    Object.entries(await files(name)).flatMap(([path, text]) =>
      (loadAll(text) as T[]).filter(object => object?.kind === kind).map(object => ({path, text, object})),
    )
  const live = async (cluster: string, name: string) =>
    (await ground.cluster(cluster).api.get(`/api/v1/namespaces/${ground.namespace}/secrets/${name}`)) as Encrypted
  const decoded = (text: string) => Buffer.from(text, 'base64').toString()
  /** Everything that must not be readable: tokens, and kubeconfigs with them, as text and in Base64. */
  const secretTexts = async () => {
    const lists = await Promise.all(
      ground.clusters.map(({api}) => api.get(`/api/v1/namespaces/${ground.namespace}/secrets`)),
    )
    const all = lists.flatMap(list => (list as {items?: Encrypted[]} | undefined)?.items ?? [])
    const values = all.flatMap(({data = {}}) => Object.entries(data)).filter(([key]) => !/\.crt$|namespace/.test(key))
    const tokens = values.flatMap(([, value]) => decoded(value).match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? [])
    return [...tokens, ...values.map(([, value]) => value)]
  }

  beforeAll(async () => {
    sops = await labTool('sops')
    const keygen = await labTool('age-keygen')
    ground = await openGround(servers!)
    folder = join(ground.folder, 'mesh')
    repository = join(ground.folder, 'repository')
    keys = join(ground.folder, 'keys.txt')
    await mkdir(folder)
    await mkdir(join(repository, '.git'), {recursive: true})
    await runOk([keygen, '-o', keys])
    const recipient = (await runOk([keygen, '-y', keys])).trim()
    await writeFile(
      join(repository, '.sops.yaml'),
      `creation_rules:\n- path_regex: ^sops/clusters/.*/70-secret-.*\\.yaml$\n  age: ${recipient}\n`,
    )
    const server = Object.fromEntries(ground.clusters.map(({context}) => [context, `https://${context}.test:6443`]))
    const spec = {contexts: ground.clusters.map(({context}) => context), systemNamespace: ground.namespace, server}
    const document = {apiVersion: 'kubectl-mesh.io/v1alpha1', kind: 'Federation', metadata: {name: 'both'}, spec}
    await writeFile(join(folder, 'mesh.yaml'), JSON.stringify(document))
  }, 1_200_000)
  afterAll(async () => ground?.close())

  it('before an apply, there is nothing to encrypt, and sops is not needed', async () => {
    const {code, stderr} = await render('early', sealed, {PATH: dirname(process.execPath)})
    expect({code, stderr}).toMatchObject({code: 0, stderr: expect.stringContaining('hint:    then render again')})
    expect(await objectsOf('early', 'Secret')).toEqual([])
    expect(await ground.mesh(['apply', '-f', folder, '--yes'])).toMatchObject({code: 0})
  })

  it('sops: the files decrypt to the live Secrets, and no file or message contains a secret', async () => {
    const {code, stdout, stderr} = await render('sops', sealed)
    expect({code, stderr}).toMatchObject({code: 0})
    const secrets = await objectsOf<Encrypted>('sops', 'Secret')
    expect(secrets.map(({object}) => object.metadata.name).sort()).toEqual([
      'istio-remote-secret-east',
      'istio-remote-secret-west',
    ])
    for (const {path, object} of secrets) {
      const holder = path.includes('/clusters/west/') ? 'west' : 'east'
      const [clear] = loadAll(await runOk([sops, 'decrypt', path], {env: {SOPS_AGE_KEY_FILE: keys}})) as Encrypted[]
      const {data, metadata} = await live(holder, object.metadata.name)
      expect(clear).toMatchObject({data, type: 'Opaque', metadata: {labels: {'istio/multiCluster': 'true'}}})
      expect(metadata).toMatchObject(clear!.metadata)
      expect(JSON.stringify(object.data)).toMatch(/^\{"\w+":"ENC\[[^"]+\]"\}$/)
    }
    const all = [stdout, stderr, ...Object.values(await files('sops'))].join('\n')
    const texts = await secretTexts()
    expect(texts.length).toBeGreaterThan(6)
    for (const text of texts) expect(all).not.toContain(text)
  })

  it('sops: only the steps with encrypted files are decrypted', async () => {
    const decrypted = (await objectsOf('sops', 'Kustomization'))
      .filter(({path}) => path.includes('/flux/') && !path.endsWith('kustomization.yaml'))
      .map(({object}) => [object.metadata.name, (object.spec as {decryption?: object}).decryption])
    expect(decrypted.length).toBeGreaterThan(4)
    for (const [name, decryption] of decrypted)
      expect(decryption, String(name)).toEqual(
        String(name).endsWith('70-remote-secrets') ? {provider: 'sops', secretRef: {name: 'sops-age'}} : undefined,
      )
  })

  it('sops: a second render writes the same bytes without the key; another version of a Secret needs it', async () => {
    const before = await files('sops')
    expect(await render('sops', sealed)).toMatchObject({code: 0})
    expect(await files('sops')).toEqual(before)
    const secret = await live('west', 'istio-remote-secret-east')
    const {labels, name, namespace} = secret.metadata as AnyObject['metadata'] & {labels: object}
    const touched = {apiVersion: 'v1', kind: 'Secret', metadata: {name, namespace, labels: {...labels, touched: 'yes'}}}
    await ground.cluster('west').api.apply(touched, undefined, 'someone')
    const ciphertextOf = (all: Record<string, string>) =>
      Object.entries(all)
        .find(([path]) => path.endsWith('70-secret-istio-remote-secret-east.yaml'))![1]
        .split('\ndata:')[1]
    expect(await render('sops', sealed, withKey())).toMatchObject({code: 0})
    const known = await files('sops')
    expect(known).not.toEqual(before)
    expect(ciphertextOf(known)).toBe(ciphertextOf(before))
    await ground
      .cluster('west')
      .api.apply(
        {...touched, metadata: {...touched.metadata, labels: {...labels, touched: 'no'}}},
        undefined,
        'someone',
      )
    expect(await render('sops', sealed)).toMatchObject({code: 0})
    expect(ciphertextOf(await files('sops'))).not.toBe(ciphertextOf(before))
  })

  describe('refused, and nothing written', () => {
    const refused = async (exit: number, text: RegExp, args: string[], env?: Record<string, string>, name = 'sops') => {
      const before = await readdir(repository, {recursive: true})
      const {code, stdout, stderr} = await render(name, args, env)
      expect({code, stdout, stderr}).toEqual({code: exit, stdout: '', stderr: expect.stringMatching(text)})
      expect(await readdir(repository, {recursive: true})).toEqual(before)
      for (const secret of await secretTexts()) expect(stderr).not.toContain(secret)
    }

    it('sops is missing', () =>
      refused(
        2,
        /^error: sops is not in PATH\nhint: +install sops/m,
        sealed,
        {PATH: dirname(process.execPath)},
        'none',
      ))

    it('no creation rule matches', () =>
      refused(3, /sops does not encrypt .*70-secret-.*: .*no matching creation rules/, sealed, {}, 'other'))

    it('the output of sops contains a clear value', async () => {
      const fake = join(ground.folder, 'sops')
      await writeFile(fake, '#!/bin/sh\ncat\necho "sops: {mac: x}"\n', {mode: 0o755})
      await refused(
        3,
        /the output of sops for .* is not written: data\.\w+ is not encrypted/,
        sealed,
        {PATH: `${ground.folder}:${process.env.PATH}`},
        'other',
      )
    })

    it('another --secrets than that of the files, which would delete Secrets', () =>
      refused(3, /has written 2 Secrets with --secrets sops, which --secrets none would remove/, []))
  })

  it('external-secrets: the template and the token of the store give the live kubeconfig byte for byte', async () => {
    const {code, stdout, stderr} = await render('external', store)
    expect({code, stderr}).toMatchObject({code: 0})
    expect(stderr).toContain('External Secrets reads 2 keys from ClusterSecretStore/vault: kubectl-mesh--both--')
    const program = join(ground.folder, 'template')
    await writeFile(`${program}.go`, templates)
    await runOk(['go', 'build', '-o', program, `${program}.go`])
    const external = await objectsOf<ExternalSecret>('external', 'ExternalSecret')
    expect(external).toHaveLength(2)
    for (const {path, object} of external) {
      const [holder, target] = path.includes('/clusters/west/') ? ['west', 'east'] : ['east', 'west']
      const {data, metadata} = await live(holder!, `istio-remote-secret-${target}`)
      const {template} = object.spec.target
      const kubeconfig = decoded(data[target!]!)
      const token = /token: (\S+)/.exec(kubeconfig)![1]!
      expect(await runOk([program, template.data[target!]!, token])).toBe(kubeconfig)
      expect(metadata).toMatchObject(template.metadata)
      expect(template.type).toBe('Opaque')
      expect(object.spec.data).toEqual([
        expect.objectContaining({
          remoteRef: {
            key: `kubectl-mesh--both--${holder}--${ground.namespace}--istio-remote-secret-${target}`,
            property: 'token',
          },
        }),
      ])
    }
    const all = [stdout, stderr, ...Object.values(await files('external'))].join('\n')
    for (const text of await secretTexts()) expect(all).not.toContain(text)
    expect(await objectsOf('external', 'Secret')).toEqual([])
    const before = await files('external')
    expect(await render('external', store)).toMatchObject({code: 0})
    expect(await files('external')).toEqual(before)
  })

  it('a Secret that the cluster lacks for a moment stays in Git', async () => {
    const before = [Object.keys(await files('external')), Object.keys(await files('sops'))]
    await ground.cluster('west').api.delete(`/api/v1/namespaces/${ground.namespace}/secrets/istio-remote-secret-east`)
    expect(await render('external', store)).toMatchObject({code: 0})
    expect(await render('sops', sealed)).toMatchObject({code: 0, stderr: expect.stringContaining('kept: 1 object')})
    expect([Object.keys(await files('external')), Object.keys(await files('sops'))]).toEqual(before)
  })

  it('the definitions of Flux and External Secrets accept the objects (strict server dry run)', async () => {
    const {api, direct} = ground.cluster('west')
    const access = ['--kubeconfig', direct.kubeconfig, '--context', direct.context]
    const apply = (path: string, ...flags: string[]) =>
      runOk(['kubectl', ...access, 'apply', '--server-side', ...flags, path])
    const definitions = [
      await moduleFile(kustomizeController, 'config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml'),
      await moduleFile(externalSecrets, 'config/crds/bases/external-secrets.io_externalsecrets.yaml'),
    ]
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'flux-system'}})
    try {
      for (const file of definitions) await apply(`--filename=${file}`)
      // A new definition is not served at once, and kubectl learns of it even later.
      const kinds = 'kustomizations.kustomize.toolkit.fluxcd.io,externalsecrets.external-secrets.io'
      await vi.waitUntil(async () => (await run(['kubectl', ...access, 'get', kinds, '-A'])).code === 0, {
        timeout: 60_000,
        interval: 500,
      })
      const strict = ['--dry-run=server', '--validate=strict']
      await apply(`--kustomize=${join(out('sops'), 'flux')}`, ...strict)
      const path = join(out('external'), 'clusters/west/70-remote-secrets')
      expect(await apply(`--kustomize=${path}`, ...strict)).toContain('externalsecret.external-secrets.io/')
    } finally {
      for (const file of definitions) await runOk(['kubectl', ...access, 'delete', '--ignore-not-found', '-f', file])
    }
  })
})
