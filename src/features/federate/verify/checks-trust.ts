import {readInjector} from '../../../istio/remote.ts'
import {externalCaHints, rootOf} from '../../../mesh/ca/root.ts'
import {fingerprintOf, sameRoot} from '../../../pki/read.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {
  type CurrentFinding,
  fromApiServer,
  isReachable,
  isRemote,
  kubectlInSystem,
  type VerifySubject,
  verifyCheck,
} from './subject.ts'

export const roots = verifyCheck({
  id: 'root',
  about: 'one root CA across all clusters, and istiod distributes it',
  applies: isReachable,
  from: fromApiServer,
  run: subject => {
    const root = rootOf(subject.current.member)
    return root
      ? [...differentRoot(subject, root.pem), ...undistributedRoot(subject, root.pem)]
      : [unknownRoot(subject)]
  },
})

function unknownRoot(subject: VerifySubject): CurrentFinding {
  const {context, primary} = subject.current.member
  return primary === undefined
    ? {
        message: 'root CA is unknown: istiod has not distributed one',
        hints: [`kubectl mesh ca status --contexts ${shellWord(context)}`],
      }
    : {
        message: 'root CA is unknown: istiod of the primary cluster has not distributed one',
        hints: [`kubectl ${contextFlags(primary)} -n ${subject.systemNamespace} logs -l app=istiod`],
      }
}

/** The first cluster with a known root CA is the reference for all. */
function differentRoot(subject: VerifySubject, pem: string): CurrentFinding[] {
  const {all, repairCommand, current} = subject
  const {member} = all.find(other => rootOf(other.member))!
  const expected = rootOf(member)!.pem
  if (sameRoot(pem, expected)) return []
  const external = [member, current.member].some(({controlPlane}) => controlPlane?.externalCa !== undefined)
  return [
    {
      message: `root CA (${fingerprintOf(pem)}) differs from that of ${member.cluster} (${fingerprintOf(expected)}): mTLS between them fails`,
      hints: external
        ? [...externalCaHints]
        : [
            'both clusters need intermediate CAs of one root CA: kubectl mesh ca init --dir mesh-ca',
            `then ${repairCommand} --ca-dir mesh-ca`,
          ],
    },
  ]
}

function undistributedRoot(subject: VerifySubject, pem: string): CurrentFinding[] {
  const served = subject.current.member.facts?.servedRoot
  if (served === undefined || sameRoot(pem, served)) return []
  return [
    {
      message: `istiod still distributes another root CA (${fingerprintOf(served)}) than that of Secret cacerts (${fingerprintOf(pem)})`,
      hints: [`${kubectlInSystem(subject)} rollout restart deployment -l app=istiod`, 'then restart the workloads'],
    },
  ]
}

export const injection = verifyCheck({
  id: 'injection',
  about: 'sidecar injection webhooks have the CA bundle of istiod',
  applies: subject => isReachable(subject) && isRemote(subject),
  from: fromApiServer,
  run: subject => {
    const {injector} = subject.current.member.facts?.primaryRemote ?? {}
    // The check `remote-set-up` reports a missing webhook.
    if (!injector || readInjector(injector).trusted) return []
    return [
      {
        message: `${injector.metadata.name} has no CA bundle from istiod of the primary cluster: pods with sidecar injection cannot start`,
        hints: [subject.repairCommand],
      },
    ]
  },
})
