import type {AddressInfo} from 'node:net'
import {createServer} from 'node:net'
import {expect, test} from 'vitest'
import {tryConnect} from '../../../src/engine/cluster/reach.ts'

test('an open port has no error; the same port has one when it is closed', async () => {
  const server = createServer(socket => socket.end()).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const {port} = server.address() as AddressInfo
  expect(await tryConnect('127.0.0.1', port)).toEqual({address: '127.0.0.1', port, error: undefined})
  await new Promise(resolve => server.close(resolve))
  expect(await tryConnect('127.0.0.1', port)).toMatchObject({error: expect.stringContaining('ECONNREFUSED')})
})

test('a name that does not resolve is an error', async () =>
  expect((await tryConnect('no-such-host.invalid', 1, 5000)).error).toBeDefined())
