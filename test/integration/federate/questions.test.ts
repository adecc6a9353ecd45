import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {afterEach, describe, expect, it} from 'vitest'
import {makeRoot} from '../../support/ground/certificates.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {home, programWords} from '../../support/ground/program.ts'
import {keys, type PtyProcess, repeatedArguments, startPty} from '../../support/pty.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('questions in a terminal', () => {
  let ground: Ground
  let pty: PtyProcess | undefined
  afterEach(async () => {
    pty?.kill()
    pty = undefined
    await ground?.close()
  })

  function start(args: string[], env: Record<string, string> = {}): PtyProcess {
    pty = startPty([...programWords, ...args], {cwd: ground.folder, env: {...ground.env, HOME: home, ...env}})
    return pty
  }

  /** Opens two clusters with different root CAs. */
  async function open(): Promise<void> {
    const other = await makeRoot('other')
    ground = await openGround(servers!, {controlPlane: context => (context === 'west' ? {rootCert: other} : {})})
  }

  it('lead from no flags to a mesh, and print the command that asks none of them', async () => {
    await open()
    const {namespace} = ground
    const {screen, sees, type, ended} = start(['federate', '--system-namespace', namespace])
    await sees(/Which clusters should join the mesh\?/)
    await sees(/east +Istio 1\.30\.3, network east\.ground/)
    // One cluster is not enough.
    type(keys.space + keys.enter)
    await sees('at least 2')
    type(keys.down + keys.space)
    type(keys.enter)
    await sees(/Can pods in east reach pod IPs in west directly\?/)
    type(`n${keys.enter}`)
    await sees('Create one in ./mesh-ca? (Y/n)')
    type(keys.enter)
    await sees(/At which URL can the other clusters reach the API server of east\?/)
    type(`http://nonsense${keys.enter}`)
    await sees('is not an https URL')
    type(`${'\x7f'.repeat(20)}https://east.test:6443${keys.enter}`)
    await sees(/reach the API server of west\?/)
    type(`https://west.test:6443${keys.enter}`)
    await sees(/^west {2}\+ \d+ create/m)
    await sees(/Apply this to east, west\?/)
    expect(ground.writes()).toEqual([])
    await expect(readdir(join(ground.folder, 'mesh-ca'))).rejects.toThrow('ENOENT')
    type(`y${keys.enter}`)
    expect(await ended, screen()).toBe(0)
    expect(screen()).toMatch(/^east +ok .* joined$/m)
    const command = repeatedArguments(screen())
    expect(command).toBe(
      `federate --contexts east,west --system-namespace ${namespace} --ca-dir mesh-ca --create-ca --server east=https://east.test:6443 --server west=https://west.test:6443 --yes`,
    )
    expect(await readdir(join(ground.folder, 'mesh-ca'))).toEqual(['east', 'root-cert.pem', 'root-key.pem', 'west'])

    // The command asks nothing in a terminal, and changes nothing.
    ground.reset()
    const second = start(command!.split(' '))
    expect(await second.ended, second.screen()).toBe(0)
    expect(second.screen()).not.toContain('?')
    expect(ground.writes()).toEqual([])

    // Neither does the command with the clusters alone: the record has the answers.
    const again = start(['federate', '--contexts', 'east,west', '--system-namespace', namespace])
    expect(await again.ended, again.screen()).toBe(0)
    expect(again.screen()).not.toContain('?')
    expect(again.screen()).not.toContain('To repeat this run')
    // Without flags, it asks for the clusters only.
    const bare = start(['federate', '--system-namespace', namespace])
    await bare.sees(/Which clusters should join the mesh\?/)
    bare.type(keys.space + keys.down + keys.space + keys.enter)
    expect(await bare.ended, bare.screen()).toBe(0)
    expect(bare.screen()).toMatch(/^ +kubectl mesh federate --contexts east,west .*--yes$/m)
    for (const asked of ['Can pods', 'root CA?', 'At which URL', 'Apply']) expect(bare.screen()).not.toContain(asked)
    expect(ground.writes()).toEqual([])
  })

  it('one flat network needs no gateways; flags replace their questions', async () => {
    ground = await openGround(servers!, {controlPlane: () => ({network: ''})})
    const {screen, sees, type, ended} = start(['federate', ...ground.all])
    await sees(/Can pods in east reach pod IPs in west directly\?/)
    expect(screen()).not.toContain('Which clusters')
    type(`y${keys.enter}`)
    await sees(/Apply this to east, west\?/)
    expect(screen()).not.toContain('eastwestgateway')
    type(`y${keys.enter}`)
    expect(await ended, screen()).toBe(0)
    expect(screen()).toMatch(/To repeat this run with the same answers:\n.* --single-network .*--yes\n/)
  })

  it('ask for a missing network, with a default', async () => {
    ground = await openGround(servers!, {controlPlane: context => (context === 'west' ? {network: ''} : {})})
    const {screen, sees, type, ended} = start(['federate', ...ground.all])
    await sees(/Can pods in east reach pod IPs in west directly\?/)
    type(`n${keys.enter}`)
    await sees(/Which network should west have\? .*west/)
    type(`west net${keys.enter}`)
    await sees('is not a label value')
    type(`${'\x7f'.repeat(8)}east.${ground.namespace}${keys.enter}`)
    await sees('is the network of another cluster')
    type(`${'\x7f'.repeat(30)}occident${keys.enter}`)
    // The istiod of the cluster must have this network, too.
    expect(await ended, screen()).toBe(3)
    expect(screen()).toMatch(/error: west: proxies have no network; expected occident/)
    expect(ground.writes()).toEqual([])
  })

  it('ask for the primary, and list the cluster that runs an istiod first', async () => {
    ground = await openGround(servers!, {controlPlane: context => context === 'west' && {servesRemotes: true}})
    const args = ['federate', ...ground.all, '--mode', 'primary-remote']
    // Without tools, only "no" is available.
    const {screen, sees, type, ended} = start(args, {PATH: '/usr/bin:/bin'})
    await sees(/Which cluster should run the control plane\?/)
    await sees(/west +runs an istiod\s+east +no Istio yet/)
    type(keys.enter)
    await sees(/east has no sidecar injection\. Install it now\?/)
    await sees('❯ no')
    type(keys.enter)
    expect(await ended, screen()).toBe(3)
    expect(screen()).not.toContain('root CA')
    expect(screen()).toMatch(
      /error: east: no webhook requests injection from istiod of west\s+hint: +add --control-plane istioctl/,
    )
    expect(screen()).toMatch(
      /To repeat this run with the same answers:\n.* --mode primary-remote --primary west (?!.*--yes).*\n/,
    )
    expect(ground.writes()).toEqual([])
  })

  it('a declined confirmation, or Ctrl-C at any question, changes nothing', async () => {
    ground = await openGround(servers!)
    const no = start(['federate', ...ground.all, '--network', `east=east.${ground.namespace}`])
    await no.sees(/Apply this to east, west\?/)
    no.type(keys.enter)
    expect(await no.ended, no.screen()).toBe(3)
    expect(no.screen()).toContain('nothing was changed')
    for (const args of [
      [],
      ['--contexts', 'east,west'],
      [...ground.all.slice(0, 2), '--network', `east=east.${ground.namespace}`],
    ]) {
      const at = start(['federate', ...ground.flags, ...args])
      await at.sees('?')
      at.type(keys.ctrlC)
      expect(await at.ended, at.screen()).toBe(130)
    }
    expect(ground.writes()).toEqual([])
  })

  it('a removal requires typing the name of the cluster', async () => {
    ground = await openGround(servers!)
    expect((await ground.federate(['--yes'])).code).toBe(0)
    ground.reset()
    const args = ['federate', 'remove', '--contexts', 'west', '--from', 'east', '--system-namespace', ground.namespace]
    const wrong = start(args)
    await wrong.sees(/Type west to continue/)
    wrong.type(`y${keys.enter}`)
    expect(await wrong.ended).toBe(3)
    expect(ground.writes()).toEqual([])
    const right = start(args)
    await right.sees(/Type west to continue/)
    right.type(`west${keys.enter}`)
    expect(await right.ended, right.screen()).toBe(0)
    expect(ground.writes().length).toBeGreaterThan(10)
  })

  it('without a terminal, or with --no-input, one error lists all missing flags', async () => {
    ground = await openGround(servers!, {controlPlane: () => false})
    const piped = await ground.mesh(['federate'])
    expect(piped).toMatchObject({code: 2, stdout: '', stderr: expect.stringContaining('--contexts')})
    const {ended, screen} = start(['federate', '--no-input'])
    expect(await ended).toBe(2)
    expect(screen()).toBe(piped.stderr)
    expect(ground.clusters.flatMap(({proxy}) => proxy.requests)).toEqual([])
  })
})
