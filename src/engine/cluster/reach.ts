import {connect} from 'node:net'
import {messageOf} from '../../errors.ts'

/** A try to open a TCP connection from this machine. */
export interface TriedAddress {
  address: string
  port: number
  /** Why it could not be opened; undefined when it was. */
  error: string | undefined
}

/** What is in reach answers in much less. */
const connectMs = 3000

/** Opens a TCP connection to an IP or host name and ends it: nothing is sent. */
export function tryConnect(address: string, port: number, timeoutMs = connectMs): Promise<TriedAddress> {
  return new Promise(resolve => {
    const socket = connect({host: address, port})
    const end = (error: string | undefined) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({address, port, error})
    }
    const timer = setTimeout(() => end(`no connection in ${timeoutMs / 1000} s`), timeoutMs)
    socket.once('connect', () => end(undefined))
    socket.once('error', error => end(messageOf(error)))
  })
}
