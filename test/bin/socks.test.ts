import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import net, {type AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {bin, run} from './cli.ts'

test('the bundle connects through a SOCKS proxy, with the library that it loads on demand', async () => {
  const requests: string[] = []
  const proxy = net.createServer(client => {
    client.on('error', () => {})
    client.once('data', () => {
      client.write(Buffer.from([5, 0]))
      client.once('data', request => {
        requests.push(request.subarray(5, -2).toString())
        // Reply 5: connection refused.
        client.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]))
      })
    })
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>(resolve => proxy.close(() => resolve())))
  const folder = mkdtempSync(join(tmpdir(), 'socks-test-'))
  onTestFinished(() => rmSync(folder, {recursive: true}))
  const kubeconfig = join(folder, 'config')
  const proxyUrl = `socks5://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const cluster = {server: 'https://api.example.test', 'insecure-skip-tls-verify': true, 'proxy-url': proxyUrl}
  writeFileSync(
    kubeconfig,
    JSON.stringify({clusters: [{name: 'c', cluster}], contexts: [{name: 'x', context: {cluster: 'c'}}]}),
  )
  const {stdout} = await run(bin, ['federate', 'status', '--contexts', 'x', '--kubeconfig', kubeconfig])
  expect(stdout).toMatch(/SOCKS handshake failed: .*ConnectionRefused/)
  expect(new Set(requests)).toEqual(new Set(['api.example.test']))
})
