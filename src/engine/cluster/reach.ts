import {connect} from 'node:net'
import {messageOf} from '../../errors.ts'

/** The result of one attempt to open a TCP connection from this machine. */
export interface TriedAddress {
  address: string
  port: number
  /** Why the connection failed; undefined if it succeeded. */
  error: string | undefined
}

/** A reachable address connects much faster than this. */
const connectMs = 3000

/**
 * Opens a TCP connection and closes it again without sending anything.
 *
 * @param address IP address or host name
 */
export function tryConnect(address: string, port: number, timeoutMs = connectMs): Promise<TriedAddress> {
  return new Promise(resolve => {
    const socket = connect({host: address, port})
    const end = (error: string | undefined) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({address, port, error})
    }
    const timer = setTimeout(() => end(`no connection within ${timeoutMs / 1000} s`), timeoutMs)
    socket.once('connect', () => end(undefined))
    socket.once('error', error => end(messageOf(error)))
  })
}
