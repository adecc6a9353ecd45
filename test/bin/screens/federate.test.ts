import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {openScreens, type Screens, sizes, writeKubeconfig} from '../../support/fake/screens.ts'
import {expectGolden} from '../../support/golden.ts'
import {makeRoot} from '../../support/ground/certificates.ts'
import {keys, type PtyProcess, repeatedArguments, wrapped} from '../../support/pty.ts'

const gke = 'gke_acme_us-central1-b_Shop'

describe('the questions of federate', {timeout: 180_000}, () => {
  let screens: Screens
  afterEach(() => screens?.close())

  /** Clusters with different roots: one with two contexts, one without Istio, and one that does not respond. */
  const open = async () => {
    const [other, third] = await Promise.all([makeRoot('other'), makeRoot('third')])
    screens = await openScreens({
      east: {},
      'east-admin': {sameAs: 'east'},
      west: {controlPlane: {rootCert: other}},
      [gke]: {controlPlane: {rootCert: third, clusterName: 'shop'}},
      plain: {controlPlane: false},
      lab: null,
    })
  }

  /** Selects the rows that a filter leaves first. */
  const select = async (pty: PtyProcess, ...filters: string[]) => {
    for (const filter of filters) {
      pty.type(filter)
      await pty.sees(new RegExp(`${filter}[^]*submit`))
      pty.type(keys.space)
      await pty.sees('◉')
      pty.type('\x7f'.repeat(filter.length))
      await pty.sees('submit')
    }
  }

  it.each(sizes)('clusters first: one row per cluster, filtered by typing, on $columns×$rows', async size => {
    await open()
    const pty = screens.start(['federate'], {size})
    await pty.sees('submit')
    await expectGolden(`screens/federate-clusters-${size.columns}.txt`, await screens.shown(pty))
    pty.type(keys.enter)
    await pty.sees('select at least 2')
    pty.type('gke')
    await pty.sees('mesh? gke')
  })

  it.each(sizes)(
    'lead to the review with one line per answer, and create nothing before, on $columns×$rows',
    async size => {
      await open()
      const pty = screens.start(['federate'], {size})
      await pty.sees('submit')
      await select(pty, 'east', 'west')
      pty.type(keys.enter)
      await pty.sees('Can pods in')
      pty.type(keys.enter)
      await pty.sees(wrapped('no common root CA'))
      pty.type(keys.enter)
      await pty.sees(wrapped('server of east?'))
      pty.type(`http://nonsense${keys.enter}`)
      await pty.sees(wrapped('is not an https URL'))
      pty.type(`${'\x7f'.repeat(20)}https://east.test:6443${keys.enter}`)
      await pty.sees(wrapped('server of west?'))
      pty.type(`https://west.test:6443${keys.enter}`)
      await pty.sees(/\[\n?s\n?\]/)
      await expectGolden(`screens/federate-answers-${size.columns}.txt`, await screens.shown(pty))
      pty.type(keys.enter)
      expect(await pty.ended).toBe(3)
      expect(existsSync(join(screens.folder, 'mesh-ca'))).toBe(false)
      // After "no", the printed command makes the same run.
      const printed = repeatedArguments(pty.screen())!
      expect(printed).toBe(
        'federate --contexts east,west --ca-dir mesh-ca --create-ca --server east=https://east.test:6443 --server west=https://west.test:6443',
      )
      const run = await screens.mesh([...printed.split(' '), '--yes', '--no-wait'])
      expect(run.stdout, run.stderr).toMatch(/^east .*joined, not checked\nwest .*joined, not checked$/m)
      expect(existsSync(join(screens.folder, 'mesh-ca/root-cert.pem'))).toBe(true)
    },
  )

  it('ask whether to install Istio before anything else, and end if not', async () => {
    await open()
    const pty = screens.start(['federate', '--contexts', 'east,plain'], {env: {PATH: '/usr/bin:/bin'}})
    await pty.sees('show how to install it')
    await expectGolden('screens/federate-install.txt', await screens.shown(pty))
    pty.type(keys.enter)
    expect(await pty.ended, pty.screen()).toBe(3)
    expect(pty.screen()).not.toContain('Can pods in')
    expect(pty.screen()).toContain('hint:')
    expect(pty.screen()).toMatch(/To repeat this run with the same answers:\n.*federate --contexts east,plain\n/)
  })

  it('propose names for clusters whose contexts are not valid names, or would be the same', async () => {
    screens = await openScreens({
      [gke]: {controlPlane: {clusterName: ''}},
      gke_acme_us_shop: {controlPlane: {clusterName: ''}},
    })
    const pty = screens.start(['federate', '--contexts', `${gke},gke_acme_us_shop`, '--single-network'])
    await pty.sees(/Name of cluster gke_acme_us-central1-b_Shop in the mesh: \(shop\)/)
    pty.type(`Not Valid${keys.enter}`)
    await pty.sees('Not Valid is not')
    pty.type(`${'\x7f'.repeat(9)}${keys.enter}`)
    await pty.sees(/Name of cluster gke_acme_us_shop in the mesh: \(shop-2\)/)
    pty.type(`shop${keys.enter}`)
    await pty.sees(`shop is the name of ${gke}`)
  })

  it('offer an existing ./mesh-ca', async () => {
    await open()
    expect((await screens.mesh(['ca', 'init'])).code).toBe(0)
    const pty = screens.start(['federate', '--contexts', `east,${gke}`, '--network', 'east=a'])
    await pty.sees('Use the one in ./mesh-ca? (Y/n)')
    pty.type(`n${keys.enter}`)
    await pty.sees('Folder with the root CA')
    pty.type(`nowhere${keys.enter}`)
    await pty.sees('nowhere is not a folder')
  })
})

describe('the questions about a mesh', {timeout: 240_000}, () => {
  let screens: Screens
  afterEach(() => screens?.close())

  /** `east` and `west` joined, and two clusters outside the mesh. */
  const open = async () => {
    screens = await openScreens({
      ...{east: {controlPlane: {network: ''}}, west: {controlPlane: {network: ''}}},
      ...{other: {}, plain: {controlPlane: false}},
    })
    const servers = ['east', 'west'].flatMap(name => ['--server', `${name}=https://${name}.test:6443`])
    const args = ['federate', '--contexts', 'east,west', '--single-network', ...servers]
    const {code, stderr} = await screens.mesh([...args, '--yes', '--no-wait'])
    expect(code, stderr).toBe(0)
  }

  it('offer clusters with Istio, and select those of the mesh', async () => {
    await open()
    for (const size of sizes) {
      const pty = screens.start(['federate', 'rotate'], {size})
      await pty.sees('submit')
      await expectGolden(`screens/federate-members-${size.columns}.txt`, await screens.shown(pty))
    }
    const pty = screens.start(['federate', 'remove'])
    await pty.sees('submit')
    expect(pty.screen()).not.toMatch(/◉|plain/)
    pty.type(`west${keys.space}${keys.enter}`)
    await pty.sees('Which clusters stay')
    await pty.sees('submit')
    expect(pty.screen()).toMatch(/◉ east/)
    expect(pty.screen()).toMatch(/◯ other/)
  })

  it('federate verify and ca status read the clusters from the record', async () => {
    await open()
    const verified = await screens.mesh(['federate', 'verify'])
    expect(verified.stdout, verified.stderr).toMatch(/^east /m)
    expect(verified.stdout).toMatch(/^west /m)
    expect(verified.stdout).not.toMatch(/^(other|plain) /m)
    const {stdout, stderr} = await screens.mesh(['ca', 'status'])
    expect(stdout, stderr).toMatch(/^east .*\n(?:.*\n)*west /m)
    const alone = await screens.mesh(['federate', 'verify', '--kubeconfig', await kubeconfigFor('other')])
    expect(alone).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error: other is not joined with any other cluster'),
    })
  })

  it('a cluster of the record without a context is named', async () => {
    await open()
    const {code, stderr} = await screens.mesh(['ca', 'status', '--kubeconfig', await kubeconfigFor('east')])
    expect(code, stderr).toBe(2)
    expect(stderr).toContain('error: east is joined with west, but no context of the kubeconfig connects to it')
    expect(stderr).toContain('hint:  name all clusters: --contexts east,CONTEXT-OF-west')
  })

  async function kubeconfigFor(cluster: string): Promise<string> {
    const file = join(screens.folder, `only-${cluster}`)
    await writeKubeconfig(file, [[cluster, screens.fleet.urlOf(cluster)]])
    return file
  }
})
