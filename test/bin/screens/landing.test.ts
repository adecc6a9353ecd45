import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {openScreens, type Screens, sizes, writeKubeconfig} from '../../support/fake/screens.ts'
import {expectGolden} from '../../support/golden.ts'
import {keys} from '../../support/pty.ts'

/** A remote Secret, by which an istiod reads another cluster. */
const remoteSecret = (cluster: string) => ({
  ...{apiVersion: 'v1', kind: 'Secret'},
  metadata: {
    ...{name: `istio-remote-secret-${cluster}`, namespace: 'istio-system'},
    labels: {'istio/multiCluster': 'true'},
  },
  data: {[cluster]: ''},
})

describe('kubectl mesh without arguments', {timeout: 180_000}, () => {
  let screens: Screens
  afterEach(() => screens?.close())

  const open = async () => {
    screens = await openScreens({
      east: {objects: [remoteSecret('west')]},
      'gke_acme_europe-west1-b_shop': {controlPlane: false},
      west: {objects: [remoteSecret('east')], controlPlane: {version: '1.31.0'}},
      'west-admin': {sameAs: 'west'},
      lab: null,
    })
  }

  it.each(sizes)('shows contexts and starting points, on $columns×$rows', async size => {
    await open()
    const pty = screens.start([], {size})
    await pty.sees('All commands')
    await expectGolden(`screens/landing-${size.columns}.txt`, await screens.shown(pty))
    pty.type(keys.ctrlC)
    expect(await pty.ended).toBe(0)
  })

  it('runs the selected command', async () => {
    await open()
    const pty = screens.start([])
    await pty.sees('All commands')
    pty.type(keys.down + keys.down + keys.down + keys.enter)
    expect(await pty.ended).toBe(0)
    expect(pty.screen()).toContain('GETTING STARTED')
    const federate = screens.start([])
    await federate.sees('All commands')
    federate.type(keys.enter)
    await federate.sees('Which clusters should join the mesh?')
  })

  it('shows contexts that another kubeconfig hides, and how to rename them', async () => {
    await open()
    const other = join(screens.folder, 'other.yaml')
    await writeKubeconfig(other, [['east', screens.fleet.urlOf('west')]])
    const pty = screens.start([], {env: {KUBECONFIG: `${screens.kubeconfig}:${other}`}})
    await pty.sees('All commands')
    expect(pty.screen()).toContain(`! other is context east in ${other}`)
    expect(pty.screen()).toContain(`hint: kubectl --kubeconfig ${other} config rename-context east other`)
  })

  it.each([{CI: 'true'}, {TERM: 'dumb'}])('prints the help and moves no cursor with %j', async env => {
    await open()
    const pty = screens.start([], {env})
    expect(await pty.ended).toBe(0)
    expect(pty.screen()).toContain('$ kubectl mesh [COMMAND]')
    expect(pty.bytes()).not.toContain('\u001b[')
    expect(screens.fleet.requests).toBe(0)
  })

  it('has ASCII marks in a locale without UTF-8', async () => {
    await open()
    const pty = screens.start([], {env: {LC_ALL: 'C'}})
    await pty.sees('All commands')
    expect(pty.screen()).toContain('> Join clusters into one mesh')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII includes them
    expect(pty.screen()).toMatch(/^[\u0000-\u007f]*$/)
  })
})
