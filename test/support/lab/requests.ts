import {rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {vi} from 'vitest'
import type {DataPlaneLab} from './data-plane.ts'

/** Requests of a client, one after the other, until they are stopped. */
export interface Requests {
  /** Sends further requests to this address. */
  sendTo(address: string): Promise<void>
  /** Waits for further responses. */
  more(): Promise<void>
  /** Returns the number of all responses, by status code. Without a response, the code is 000, followed by curl's error. */
  stop(): Promise<Record<string, number>>
}

/**
 * Starts to send requests.
 *
 * @param netns network namespace of the client
 * @param name distinguishes the requests of a lab
 * @param curl arguments of curl, in which `$ADDRESS` is the address
 */
export async function startRequests(
  lab: DataPlaneLab,
  netns: string,
  name: string,
  address: string,
  curl: string,
): Promise<Requests> {
  const file = join(lab.dir, `requests-${name}`)
  const sendTo = (to: string) => writeFile(file, to)
  await sendTo(address)
  await writeFile(`${file}.log`, '')
  // A loaded machine may stall a request for seconds.
  const request = `curl -s -m 20 -o /dev/null -w '%{http_code} %{errormsg}\\n' ${curl} >> ${file}.log`
  const loop = `while ADDRESS=$(cat ${file} 2>/dev/null); do ${request}; sleep 0.05; done`
  const running = lab.exec(netns, ['sh', '-c', loop], {timeout: 500_000})
  const codes = async () =>
    (await lab.runOk(['cat', `${file}.log`]))
      .split('\n')
      .map(line => line.trim())
      .filter(Boolean)
  return {
    sendTo,
    more: async () => {
      const known = (await codes()).length
      await vi.waitUntil(async () => (await codes()).length >= known + 20, {timeout: 60_000, interval: 200})
    },
    stop: async () => {
      await rm(file, {force: true})
      await running
      return Object.fromEntries([...Map.groupBy(await codes(), code => code)].map(([code, all]) => [code, all.length]))
    },
  }
}
