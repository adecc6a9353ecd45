import {setTimeout as sleep} from 'node:timers/promises'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import {exitCodes, MeshError} from '../../../errors.ts'
import type {Certificate} from '../../../pki/read.ts'
import type {Run} from '../../../run/run.ts'
import {startProgress} from '../../../terminal/output/progress.ts'
import {formatDuration} from '../../../text/duration.ts'
import {restartCommand, signerProblem} from './checks.ts'
import {type CaMember, readSigners} from './read.ts'

const pollMs = 2000

/**
 * Waits until every ready istiod of a cluster signs with a CA. A kubelet updates the mounted Secret within about a minute.
 *
 * @returns the number of istiods; 0 if none is ready, which then reads the CA when it starts
 * @throws MeshError (exit 3) after `--timeout`; the reason of the signal if the run is interrupted
 */
export async function waitForSigners(member: CaMember, ca: Certificate, run: Run): Promise<number> {
  const {name, cluster, systemNamespace} = member
  const deadline = performance.now() + run.write.timeout
  const progress = await startProgress(run.terminal, `${name}: waiting until istiod uses the new CA`)
  try {
    for (;;) {
      const signers = await inCluster(name, () => readSigners(cluster, systemNamespace))
      const [problem] = signers.flatMap(signer => signerProblem(signer, ca) ?? [])
      if (problem === undefined) return signers.length
      if (performance.now() > deadline)
        throw new MeshError(
          {
            message: `${name}: after ${formatDuration(run.write.timeout)}, ${problem}`,
            hints: [`restart istiod: ${restartCommand(member)}`],
          },
          exitCodes.refused,
        )
      progress.update(`${name}: waiting until istiod uses the new CA: ${problem}`)
      await sleep(pollMs, undefined, {signal: run.signal}).catch(() => run.signal.throwIfAborted())
    }
  } finally {
    progress.done()
  }
}
