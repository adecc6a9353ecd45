import type {ChildProcess} from 'node:child_process'
import {cp, mkdir, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {loadAll} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, it, vi} from 'vitest'
import {argoCd, kustomizeController, moduleFile} from '../../support/go-module.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {programWords} from '../../support/ground/program.ts'
import {run, runOk} from '../../support/run.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const list = 'kustomization.yaml'

describe.skipIf(!servers)('render of mesh files for two clusters', () => {
  let ground: Ground
  let folder: string
  let repository: string
  const node = `render-${process.pid}`
  const out = (engine: string) => join(repository, engine)
  const repo = ['--repo-url', 'https://git.example.com/fleet.git']
  const flagsOf = (engine: string) => [
    ...['--for', engine, '--output-dir', out(engine)],
    ...(engine === 'argocd' ? repo : []),
    ...(engine === 'kustomize' ? [] : ['--engine-cluster', 'west']),
  ]
  const render = (engine: string, ...more: string[]) =>
    ground.mesh(['render', '-f', folder, ...flagsOf(engine), ...more])
  const bytes = async (engine: string) =>
    Object.fromEntries(
      await Promise.all(
        (await readdir(out(engine), {recursive: true, withFileTypes: true}))
          .filter(entry => entry.isFile())
          .map(async ({parentPath, name}) => {
            const path = join(parentPath, name)
            return [path.slice(out(engine).length + 1), await readFile(path, 'utf8')] as const
          }),
      ),
    )
  const objectsIn = async (path: string) => loadAll(await runOk(['kubectl', 'kustomize', path])) as AnyObject[]
  const document = (kind: string, name: string, spec: object) =>
    writeFile(
      join(folder, `${kind}.yaml`),
      JSON.stringify({apiVersion: 'kubectl-mesh.io/v1alpha1', kind, metadata: {name}, spec}),
    )

  beforeAll(async () => {
    ground = await openGround(servers!)
    const {namespace} = ground
    folder = join(ground.folder, 'mesh')
    repository = join(ground.folder, 'repository')
    await mkdir(folder)
    await mkdir(join(repository, '.git'), {recursive: true})
    const server = Object.fromEntries(ground.clusters.map(({context}) => [context, `https://${context}.test:6443`]))
    const contexts = ground.clusters.map(({context}) => context)
    await document('Federation', 'both', {contexts, systemNamespace: namespace, server})
    await document('VirtualMachine', 'db', {
      context: 'east',
      namespace: `${namespace}-vm`,
      systemNamespace: namespace,
      serviceAccount: 'db',
      port: ['tcp:5432'],
      address: ['10.0.0.5'],
    })
    await document('NodeLocalities', 'racks', {context: 'west', node: [node], region: 'eu', zone: 'eu-1'})
    await ground.cluster('west').api.create({apiVersion: 'v1', kind: 'Node', metadata: {name: node}})
  })
  afterAll(async () => {
    await ground?.cluster('west').api.delete(`/api/v1/nodes/${node}`)
    await ground?.close()
  })

  it('writes no secret and no cluster, and kubectl accepts every folder', async () => {
    ground.reset()
    for (const engine of ['kustomize', 'flux', 'argocd']) {
      const {code, stdout, stderr} = await render(engine)
      expect({code, stderr}).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('left out: 2 Secrets; 2 to apply'),
      })
      expect(stderr).toContain(`hint:    when the engine has applied the files: kubectl mesh apply -f ${folder}\n`)
      const files = await bytes(engine)
      expect(stdout.trim().split('\n').sort()).toEqual(
        Object.keys(files)
          .map(name => join(out(engine), name))
          .sort(),
      )
      expect(Object.values(files).join()).not.toMatch(/kind: Secret|applyset\.kubernetes\.io\/id|BEGIN|eyJ/)
      for (const name of Object.keys(files).filter(path => path.endsWith(list))) {
        const path = join(out(engine), name.slice(0, -list.length))
        const {length} = (await readdir(path)).filter(file => file !== list)
        expect(await objectsIn(path), path).toHaveLength(length)
      }
    }
    expect(ground.writes()).toEqual([])
    expect(await readdir(join(out('flux'), 'clusters/west'))).toEqual([
      '10-namespaces',
      '35-listeners',
      '40-gateways',
      '60-credentials',
    ])
  })

  it('a second render writes the same bytes', async () => {
    for (const engine of ['kustomize', 'flux', 'argocd']) {
      const before = await bytes(engine)
      expect(await render(engine)).toMatchObject({code: 0})
      expect(await bytes(engine)).toEqual(before)
    }
  })

  it('what an engine has applied wave by wave is rendered again with the same bytes, and what was planned later is added', async () => {
    const before = await bytes('flux')
    for (const {cluster, api} of ground.clusters) {
      const waves = await readdir(join(out('flux'), 'clusters', cluster))
      for (const wave of waves)
        for (const object of await objectsIn(join(out('flux'), 'clusters', cluster, wave)))
          await api.apply(labelledByFlux(object, `mesh-${cluster}-${wave}`), undefined, 'kustomize-controller')
    }
    const {code, stderr} = await render('flux')
    expect({code, stderr}).toMatchObject({code: 0})
    expect(stderr).not.toContain('planned after')
    const after = await bytes('flux')
    for (const [name, text] of Object.entries(before)) if (!name.endsWith(list)) expect(after[name], name).toBe(text)
    const added = Object.keys(after).filter(name => !(name in before) && !name.endsWith(list))
    expect(added).toContain('clusters/east/40-gateways/40-workloadentry-db-10-0-0-5.yaml')
    for (const name of added) expect(name).toMatch(/^clusters\/east\/|^flux\/.*-flux\.east-/)
  })

  it('a render into an empty folder warns that the engine would delete what only a file keeps', async () => {
    const empty = ['--for', 'kustomize', '--output-dir', join(repository, 'empty')]
    const {code, stderr} = await ground.mesh(['render', '-f', folder, ...empty])
    expect({code, stderr}).toMatchObject({code: 0, stderr: expect.stringContaining('warning: Flux applies')})
    expect(stderr).toContain('it would delete the missing objects')
  })

  it('apply then only writes what is not in Git, and a later render is the same', async () => {
    const before = await bytes('flux')
    const applied = await ground.mesh(['apply', '-f', folder, '--yes'])
    expect(applied.code, applied.stderr).toBe(0)
    expect(applied.stdout).not.toMatch(/deployment|clusterrole/)
    const {code, stderr} = await render('flux')
    expect({code, stderr}).toMatchObject({code: 0, stderr: expect.not.stringContaining('to apply')})
    expect(stderr).not.toContain('kubectl mesh apply')
    expect(applied.stderr + stderr).not.toContain('carry the label')
    expect(await bytes('flux')).toEqual(before)
    expect(await ground.mesh(['diff', '-f', folder, '--exit-code', '-o', 'table'])).toMatchObject({code: 0})
  })

  it('a document that is no longer in the files is no longer in Git; files of others stay', async () => {
    const vm = await readFile(join(folder, 'VirtualMachine.yaml'))
    const before = await bytes('flux')
    await rm(join(folder, 'VirtualMachine.yaml'))
    await writeFile(join(out('flux'), 'clusters/east/OWNERS'), 'team')
    const unpruned = await render('flux')
    expect(unpruned.stderr).toMatch(/^kept: \d+ objects? of an earlier render, which no document needs: .*$/m)
    expect(await bytes('flux')).toEqual({...before, 'clusters/east/OWNERS': 'team'})
    const {code, stderr} = await render('flux', '--prune')
    expect({code, stderr}).toMatchObject({code: 0, stderr: expect.stringMatching(/^removed: \d+ files of an earlier/m)})
    const after = Object.keys(await bytes('flux'))
    expect(after.length).toBeLessThan(Object.keys(before).length)
    expect(after).toContain('clusters/east/OWNERS')
    await writeFile(join(folder, 'VirtualMachine.yaml'), vm)
    expect(await render('flux')).toMatchObject({code: 0})
    // What VMs share exists in the cluster, as long as no engine has deleted it.
    const isShared = (name: string) => /istiod-(gateway|vs)\.yaml$|kustomization\.yaml$/.test(name)
    const all = Object.entries(before).filter(([name]) => !isShared(name))
    expect(await bytes('flux')).toMatchObject({...Object.fromEntries(all), 'clusters/east/OWNERS': 'team'})
  })

  describe('refused, and nothing written', () => {
    const refused = async (args: string[], exit: number, text: string | RegExp) => {
      const before = await bytes('flux')
      const {code, stdout, stderr} = await ground.mesh(['render', ...args])
      expect({code, stdout, stderr}).toEqual({code: exit, stdout: '', stderr: expect.stringMatching(text)})
      expect(await bytes('flux')).toEqual(before)
    }

    it('a file that contains a token, with its line', async () => {
      const mesh = join(ground.folder, 'with-token')
      await cp(folder, mesh, {recursive: true})
      const token = `eyJhbGciOiJSUzI1NiJ9.${'e'.repeat(40)}.${'s'.repeat(40)}`
      await writeFile(
        join(mesh, 'token.yaml'),
        `apiVersion: kubectl-mesh.io/v1alpha1\nkind: Tenant\nmetadata: {name: a}\nspec:\n  selectorLabel: ${token}\n`,
      )
      await refused(['-f', mesh, ...flagsOf('flux')], 2, /token\.yaml:5/)
    })

    it('two files that define the same object', async () => {
      const mesh = join(ground.folder, 'twice')
      await cp(folder, mesh, {recursive: true})
      await cp(join(folder, 'NodeLocalities.yaml'), join(mesh, 'again.yaml'))
      await refused(['-f', mesh, ...flagsOf('flux')], 2, /NodeLocalities racks in context west is defined twice/)
    })

    it('a folder that cannot be written, a link in it, and one without a repository', async () => {
      await refused(['-f', folder, '--for', 'kustomize', '--output-dir', '/proc/fleet'], 2, /\/proc\/fleet/)
      const linked = join(repository, 'linked')
      await mkdir(linked)
      await symlink(out('flux'), join(linked, 'clusters'))
      await refused(['-f', folder, '--for', 'flux', '--output-dir', linked], 3, /clusters is a symbolic link/)
      await refused(
        ['-f', folder, '--for', 'flux', '--output-dir', '/nowhere/fleet'],
        2,
        /^error: \/nowhere\/fleet is not in a Git repository\nhint: .*--git-path/,
      )
    })

    it('a cluster of the engine that no document names', () =>
      refused(
        ['-f', folder, '--for', 'flux', '--output-dir', out('flux'), '--engine-cluster', 'hub'],
        2,
        /--engine-cluster hub: the plan has no such cluster\nhint: +clusters: east, west/,
      ))
  })

  it('a full disk on stdout is an error, and the files are complete', async () => {
    const words = [...programWords, 'render', '-f', folder, ...flagsOf('flux')]
    const before = await bytes('flux')
    const env = {...process.env, ...ground.env}
    const {code, stderr} = await run(['sh', '-c', '"$@" > /dev/full', 'sh', ...words], {env})
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/no space/i)
    expect(await bytes('flux')).toEqual(before)
  })

  it('Ctrl-C while clusters are read writes nothing', async () => {
    const target = join(repository, 'interrupted')
    const {proxy} = ground.cluster('east')
    let interrupted = false
    const onStart = (child: ChildProcess) => {
      proxy.decide = async () => {
        if (!interrupted) {
          child.kill('SIGINT')
          interrupted = true
          await new Promise(done => child.stderr!.once('data', done))
        }
        return 'pass' as const
      }
    }
    const args = ['render', '-f', folder, '--for', 'kustomize', '--output-dir', target]
    const {code, stderr} = await ground.mesh(args, {onStart})
    ground.reset()
    expect({code, stderr}).toEqual({code: 130, stderr: expect.stringContaining('stopping')})
    expect(await readdir(repository)).not.toContain('interrupted')
  })

  describe('the definitions of the engines accept their objects (strict server dry run)', () => {
    const apply = (path: string, ...flags: string[]) => {
      const {direct} = ground.cluster('west')
      const access = ['--kubeconfig', direct.kubeconfig, '--context', direct.context]
      return runOk(['kubectl', ...access, 'apply', '--server-side', ...flags, path])
    }
    const definitions: string[] = []
    const namespaces = ['flux-system', 'argocd']

    beforeAll(async () => {
      const crds = 'config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml'
      definitions.push(
        await moduleFile(kustomizeController, crds),
        await moduleFile(argoCd, 'manifests/crds/applicationset-crd.yaml'),
        await moduleFile(argoCd, 'manifests/crds/application-crd.yaml'),
      )
      const {api} = ground.cluster('west')
      for (const name of namespaces) await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name}})
      for (const file of definitions) await apply(`--filename=${file}`)
      // A new definition is not served at once.
      const {direct} = ground.cluster('west')
      const access = ['--kubeconfig', direct.kubeconfig, '--context', direct.context]
      const kinds = 'kustomizations.kustomize.toolkit.fluxcd.io,applicationsets.argoproj.io,applications.argoproj.io'
      await vi.waitUntil(async () => (await run(['kubectl', ...access, 'get', kinds, '-A'])).code === 0, {
        timeout: 60_000,
        interval: 500,
      })
    })
    // The namespaces stay: without controllers, one that is deleted is never gone, and cannot be created again.
    afterAll(async () => {
      const {direct} = ground.cluster('west')
      const access = ['--kubeconfig', direct.kubeconfig, '--context', direct.context]
      for (const file of definitions) await runOk(['kubectl', ...access, 'delete', '-f', file])
    })

    it.each(['flux', 'argocd'])('%s', async engine => {
      expect(await render(engine)).toMatchObject({code: 0})
      const result = await apply(`--kustomize=${join(out(engine), engine)}`, '--dry-run=server', '--validate=strict')
      const {length} = (await readdir(join(out(engine), engine))).filter(name => name !== list)
      expect(result.trim().split('\n')).toHaveLength(length)
    })

    it('the Applications that Argo CD generates for its clusters are valid, one for each cluster of the mesh', async () => {
      const [set] = await objectsIn(join(out('argocd'), 'argocd'))
      const applications = applicationsOf(set!, [
        {name: 'east', server: 'https://east.test:6443'},
        {name: 'other', server: 'https://other.test:6443'},
      ])
      expect(applications.map(({metadata, spec}) => [metadata.name, (spec as Application).destination.server])).toEqual(
        [
          ['argocd-east', 'https://east.test:6443'],
          ['argocd-west', 'https://kubernetes.default.svc'],
        ],
      )
      for (const application of applications) {
        const {path} = (application.spec as Application).source
        const objects = await objectsIn(join(repository, path))
        const waves = objects.map(({metadata}) =>
          Number((metadata.annotations as Record<string, string>)['argocd.argoproj.io/sync-wave']),
        )
        expect(waves.length).toBeGreaterThan(5)
        expect(waves).not.toContain(Number.NaN)
        const file = join(ground.folder, `${application.metadata.name}.json`)
        await writeFile(file, JSON.stringify(application))
        await apply(`--filename=${file}`, '--dry-run=server', '--validate=strict')
      }
    })
  })
})

/** The labels that kustomize-controller adds. */
function labelledByFlux(object: AnyObject, kustomization: string): AnyObject {
  const {labels, ...metadata} = object.metadata as AnyObject['metadata'] & {labels?: object}
  const prefix = 'kustomize.toolkit.fluxcd.io'
  const own = {[`${prefix}/name`]: kustomization, [`${prefix}/namespace`]: 'flux-system'}
  return {...object, metadata: {...metadata, labels: {...labels, ...own}}}
}

interface Application {
  destination: {server: string}
  source: {path: string}
}

interface Generator {
  clusters?: object
  list?: {elements: Record<string, string>[]}
  selector?: {matchExpressions: {key: string; values: string[]}[]}
}

/**
 * Evaluates an ApplicationSet as Argo CD 3.5 documents it: the parameters `name`, `nameNormalized` and `server` of the cluster
 * generator, elements of lists, the post selector, and simple Go templates.
 */
function applicationsOf(set: AnyObject, clusters: readonly {name: string; server: string}[]): AnyObject[] {
  const {generators, template} = set.spec as {generators: Generator[]; template: object}
  const known = clusters.map(one => ({...one, nameNormalized: one.name}) as Record<string, string>)
  const parameters = generators.flatMap(({list: fixed, selector}) =>
    (fixed?.elements ?? known).filter(one =>
      (selector?.matchExpressions ?? []).every(({key, values}) => values.includes(one[key]!)),
    ),
  )
  return parameters.map(values => {
    const text = JSON.stringify(template).replace(/\{\{\.(\w+)\}\}/g, (_, key: string) => values[key] ?? `no ${key}`)
    const {metadata, spec} = JSON.parse(text) as AnyObject
    const namespace = set.metadata.namespace!
    return {apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: {...metadata, namespace}, spec}
  })
}
