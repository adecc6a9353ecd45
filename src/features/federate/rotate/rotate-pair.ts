import {setTimeout as sleep} from 'node:timers/promises'
import {isTokenAccepted} from '../../../engine/cluster/tokens.ts'
import {waitFor} from '../../../engine/cluster/wait.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import {type KubernetesObject, refOf} from '../../../engine/kubernetes/object.ts'
import {exitCodes, MeshError} from '../../../errors.ts'
import {tokenIn} from '../../../mesh/credentials/held-tokens.ts'
import {isCreated} from '../../../mesh/facts.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {readerTokenName} from '../../../mesh/objects-reader.ts'
import {mintToken} from '../../../mesh/read-credentials.ts'
import {accessIn} from '../../../mesh/remote-kubeconfig.ts'
import {clusterOf} from '../plan.ts'
import {isStillUsed} from './checks.ts'
import {discardPair, type RotationFrame, recordedOf, recordPair, write, writeKubeconfig} from './frame.ts'
import {commonView, viewOf} from './istio-view.ts'
import {buildNextToken, buildRevocation, withToken} from './objects.ts'
import type {RecordedPair} from './objects-record.ts'
import {type Before, observePair, settleMs} from './observe.ts'
import {isWritten, type Pair} from './pairs.ts'
import {proveCredential} from './prove.ts'
import {readReplicaPages, readUpdates} from './read-views.ts'
import {restartIstiods} from './restart.ts'
import {restorePair} from './restore.ts'

/** The longest time that Kubernetes may take to add a token to a Secret, or to reject a revoked one. */
const tokenTimeoutMs = 30_000

/**
 * Rotates one credential: a new token beside the old one, proved before it is written; then every istiod is observed. The old
 * token is revoked last. Continues where an interrupted run has stopped.
 *
 * @throws MeshError (exit 4) after a regression, once the previous credential is restored
 */
export async function rotatePair(pair: Pair, frame: RotationFrame): Promise<void> {
  if (recordedOf(frame, pair)?.phase !== 'observed') await replace(pair, frame)
  await revoke(pair, frame)
}

async function replace(pair: Pair, frame: RotationFrame): Promise<void> {
  const {recorded, before} = await begin(pair, frame)
  if (!isWritten(pair)) {
    const kubeconfig = await newKubeconfig(pair, frame)
    await writeKubeconfig(pair, frame, kubeconfig)
  }
  const seen = frame.restartIstiod ? {...before, updates: new Map()} : before
  if (frame.restartIstiod) await restartIstiods(pair.holder, frame, new Date())
  report(pair, frame, `observing istiod for ${frame.holdMs / 1000} s`)
  const loss = await observePair(pair, seen, frame, {settleMs, holdMs: frame.holdMs})
  if (loss !== undefined) await restorePair(pair, frame, {recorded, loss})
  await recordPair(frame, pair, {...withoutBaseline(recorded), phase: 'observed'})
}

/** Reads the baseline and records it together with the previous kubeconfig. After an interruption, those of the record apply. */
async function begin(pair: Pair, frame: RotationFrame): Promise<{recorded: RecordedPair; before: Before}> {
  const {holder, target, held, old, next} = pair
  if (isWritten(pair) && pair.recorded)
    return {recorded: pair.recorded, before: {baseline: pair.recorded.baseline, updates: new Map()}}
  const {systemNamespace} = frame.settings
  const [pages, updates] = await inCluster(holder.cluster, () =>
    Promise.all([readReplicaPages(holder, systemNamespace), readUpdates(holder, systemNamespace)]),
  )
  const baseline = commonView(pages.flatMap(replica => (replica.pages ? [viewOf(replica.pages, target.cluster)] : [])))
  const recorded: RecordedPair = {
    phase: 'started',
    next,
    ...(old?.metadata.uid === undefined ? {} : {old: {name: old.metadata.name, uid: old.metadata.uid}}),
    previous: held.found.kubeconfig,
    ...(baseline ? {baseline} : {}),
  }
  await recordPair(frame, pair, recorded)
  return {recorded, before: {baseline, updates}}
}

function withoutBaseline({baseline: _baseline, ...recorded}: RecordedPair): RecordedPair {
  return recorded
}

/**
 * Creates the new token and proves it.
 *
 * @throws MeshError (exit 4) for a token that istiod could not use. It is deleted again.
 */
async function newKubeconfig(pair: Pair, frame: RotationFrame): Promise<string> {
  const {held, holder, target} = pair
  const {token, secret} = await newToken(pair, frame)
  const kubeconfig = withToken(held.found.kubeconfig, held.token ?? '', token)
  const problem =
    kubeconfig === undefined
      ? 'cannot be set: the kubeconfig does not contain the old token exactly once'
      : await inCluster(target.cluster, () =>
          proveCredential({...pair, target: withTokenSecret(target, secret)}, kubeconfig, new Date()),
        )
  if (kubeconfig !== undefined && problem === undefined) return kubeconfig
  await discardPair(pair, frame)
  const message = `${target.cluster}: the new token for ${holder.cluster} ${problem}; the remote Secret was not changed`
  throw new MeshError(
    {message, hints: ['restore what kubectl mesh federate creates, then run this command again']},
    exitCodes.partly,
  )
}

/** The target with a new token Secret: the certificate authority in it is one that the target uses. */
function withTokenSecret(target: MeshMember, secret: KubernetesObject | undefined): MeshMember {
  if (!target.facts || !secret) return target
  const tokenSecrets = new Map([...target.facts.tokenSecrets, [secret.metadata.name, secret]])
  return {...target, facts: {...target.facts, tokenSecrets}}
}

interface NewToken {
  token: string
  /** The token Secret, if Kubernetes has put the token into it. */
  secret?: KubernetesObject
}

async function newToken(pair: Pair, frame: RotationFrame): Promise<NewToken> {
  const {target, next} = pair
  const {systemNamespace, credentialDuration} = frame.settings
  const change = buildNextToken(pair, systemNamespace)
  await write(frame, target, [change])
  const ref = refOf(change.object)
  const cluster = clusterOf(target)
  if (!next.bound) {
    const hasToken = (secret: Parameters<typeof tokenIn>[0]) =>
      tokenIn(secret) !== undefined || 'Kubernetes has not added a token yet'
    const {signal} = frame.run
    const secret = await waitFor(cluster, ref, hasToken, {timeoutMs: tokenTimeoutMs, signal})
    return {token: tokenIn(secret)!, secret}
  }
  const uid = (await inCluster(target.cluster, () => cluster.get(ref)))?.metadata.uid ?? ''
  const boundSecret = {name: readerTokenName(next), uid}
  const source = {cluster: target.cluster, facts: target.facts!}
  return {token: await mintToken({systemNamespace}, source, boundSecret, credentialDuration!)}
}

/** Revokes the old token as soon as no credential depends on it, and verifies that it is rejected. */
async function revoke(pair: Pair, frame: RotationFrame): Promise<void> {
  const isObserved = (other: Pair) => ['observed', 'done'].includes(recordedOf(frame, other)?.phase ?? '')
  const recorded = recordedOf(frame, pair)!
  const {target, old} = pair
  const isOurs = old !== undefined && target.facts !== undefined && isCreated(old, target.facts)
  if (isOurs && !isStillUsed(pair, frame.pairs, isObserved)) {
    await write(frame, target, [buildRevocation(pair, old)])
    await verifyRejected(pair, frame, accessIn(recorded.previous ?? '')?.token)
  }
  await recordPair(frame, pair, {phase: 'done', next: recorded.next})
}

async function verifyRejected(pair: Pair, frame: RotationFrame, token: string | undefined): Promise<void> {
  const {target, holder} = pair
  const deadline = performance.now() + tokenTimeoutMs
  while (token !== undefined && (await isAccepted(pair, token))) {
    if (performance.now() > deadline)
      throw new MeshError(
        {
          message: `${target.cluster}: the old token of ${holder.cluster} is still accepted after its Secret was deleted`,
        },
        exitCodes.partly,
      )
    await sleep(1000, undefined, {signal: frame.run.signal}).catch(() => frame.run.signal.throwIfAborted())
  }
}

/** Without the right to review tokens, the deletion of the Secret counts. */
function isAccepted({target}: Pair, token: string): Promise<boolean> {
  return isTokenAccepted(clusterOf(target), token, false)
}

function report({holder, target}: Pair, {run}: RotationFrame, text: string): void {
  run.terminal.message(`${holder.cluster} → ${target.cluster}: ${text}`)
}
