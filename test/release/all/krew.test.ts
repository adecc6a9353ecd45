import {createReadStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {basename, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {archiveName, platforms, thisPlatform} from '../../../scripts/release/platforms.ts'
import {labTool} from '../../support/binaries.ts'
import {run, runOk} from '../../support/run.ts'
import {type PluginHome, pluginHome} from '../kubectl.ts'

const {folder} = inject('release') ?? {folder: ''}

describe('krew', () => {
  let plugins: PluginHome
  let server: Server

  beforeAll(async () => {
    plugins = pluginHome({'kubectl-krew': await labTool('krew')})
    server = createServer((request, response) => {
      const file = join(folder, basename(request.url!))
      if (existsSync(file)) createReadStream(file).pipe(response)
      else response.writeHead(404).end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server?.close()
    plugins?.remove()
  })

  /** Writes the manifest with downloads from this machine, and another change. */
  function localManifest(change: (text: string) => string = text => text): string {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const text = readFileSync(join(folder, 'mesh.yaml'), 'utf8').replaceAll(/uri: https:\/\/[^/]+/g, `uri: ${address}`)
    const file = join(plugins.home, 'mesh.yaml')
    writeFileSync(file, change(text))
    return file
  }

  const validate = async (manifest: string) =>
    run([await labTool('validate-krew-manifest'), '-manifest', manifest], {env: plugins.env, timeout: 300_000})

  test('its validator installs the archive of every platform', async () => {
    const {code, stderr} = await validate(localManifest())
    expect(code, stderr).toBe(0)
    expect(stderr).toContain(`all ${platforms.length} spec.platforms installed fine`)
  })

  test('its validator rejects a wrong checksum', async () => {
    const {code, stderr} = await validate(localManifest(text => text.replace(/sha256: ..../, 'sha256: 0000')))
    expect(code).not.toBe(0)
    expect(stderr).toContain('checksum')
  })

  test('installs from the manifest and an archive into an empty home, without a network', async () => {
    const files = ['--manifest', join(folder, 'mesh.yaml'), '--archive', join(folder, archiveName(thisPlatform!))]
    const offline = process.getuid?.() === 0 ? ['unshare', '--net'] : []
    await runOk([...offline, 'kubectl', 'krew', 'install', ...files], {env: plugins.env, cwd: plugins.home})
    const help = await runOk(['kubectl', 'mesh', '--help'], {env: plugins.env, cwd: plugins.home})
    expect(help).toContain('kubectl mesh federate')
  })

  test('replaces a plugin from a manifest only after it is uninstalled, as docs/install.md describes', async () => {
    const at = {env: plugins.env, cwd: plugins.home}
    const files = ['--manifest', join(folder, 'mesh.yaml'), '--archive', join(folder, archiveName(thisPlatform!))]
    const upgraded = await run(['kubectl', 'krew', 'upgrade', 'mesh', '--no-update-index'], at)
    expect(upgraded.stderr).toContain('installed via manifest')
    const again = await run(['kubectl', 'krew', 'install', ...files], at)
    expect(again.stderr).toContain('already installed')
    // Without its index, as on a machine without internet access, krew refuses to uninstall.
    expect((await run(['kubectl', 'krew', 'uninstall', 'mesh'], at)).stderr).toContain('index is not initialized')
    for (const path of ['bin/kubectl-mesh', 'store/mesh', 'receipts/mesh.yaml'])
      rmSync(join(plugins.env.KREW_ROOT, path), {recursive: true})
    await runOk(['kubectl', 'krew', 'install', ...files], at)
    expect(await runOk(['kubectl', 'mesh', 'version'], at)).toContain('Client Version:')
    // krew counts this as its index.
    mkdirSync(join(plugins.env.KREW_ROOT, 'index/default/.git'), {recursive: true})
    await runOk(['kubectl', 'krew', 'uninstall', 'mesh'], at)
    expect(existsSync(join(plugins.env.KREW_ROOT, 'store/mesh'))).toBe(false)
  })
})
