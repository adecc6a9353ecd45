import type {AddressInfo, Server} from 'node:net'

/** Starts a TCP or HTTP server on a free port of loopback, and returns the port. The caller closes the server. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
