import type {Check, Finding} from '../../../findings/check.ts'
import {externalCaHints} from '../../../mesh/ca/root.ts'
import {attempt} from '../../../pki/attempt.ts'
import {caFiles} from '../../../pki/ca-certs.ts'
import type {CaData} from '../../../pki/check-cacerts.ts'
import {type Certificate, readCertificates} from '../../../pki/read.ts'
import {verifyChain} from '../../../pki/verify.ts'
import {contextFlags} from '../../../spec/context-ref.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {CaMember, Signer} from './read.ts'

/** The part of a cluster that is checked. */
export type CheckedMember = Omit<CaMember, 'cluster' | 'secret'>

/** What is checked before the CA of a cluster is replaced. */
export interface CaSubject {
  members: readonly CheckedMember[]
  folder: string
  /** The roots below which the CAs of the clusters must be. */
  roots: readonly Certificate[]
}

type CaCheck = Check<CaSubject>

/** The CA in `cacerts`, and the certificates above it. Undefined if they cannot be read. */
export function readOwnCa(data: CaData | undefined): {own: Certificate; chain: Certificate[]} | undefined {
  const read = (key: string) => attempt(() => readCertificates(data?.[key] ?? '', key), [])
  const [own] = read(caFiles.caCert) ?? []
  return own && {own, chain: read(caFiles.certChain) ?? []}
}

const pluggedIn: CaCheck = {
  id: 'ca-plugged-in',
  about: 'every istiod reads its CA from Secret cacerts, with the keys ca-cert.pem and ca-key.pem',
  run: ({members, folder}) => members.flatMap(member => pluggedInFindings(member, folder)),
}

function pluggedInFindings(
  {name, controlPlane, data, systemNamespace, context}: CheckedMember,
  folder: string,
): Finding[] {
  if (!controlPlane)
    return [
      {
        cluster: name,
        message: `no istiod of this revision in namespace ${systemNamespace}`,
        hints: ['set --system-namespace and --revision; --contexts lists only clusters with an istiod'],
      },
    ]
  if (controlPlane.externalCa !== undefined)
    return [
      {
        cluster: name,
        message: `another CA than istiod issues the certificates (${controlPlane.externalCa})`,
        hints: [externalCaHints[0]!.replace(', and omit --ca-dir', '')],
      },
    ]
  if (!data)
    return [
      {
        cluster: name,
        message: 'Secret cacerts does not exist',
        hints: [`create it: kubectl mesh federate --contexts CTX,${shellWord(context)} --ca-dir ${shellWord(folder)}`],
      },
    ]
  if (data['tls.crt'] === undefined && readOwnCa(data)) return []
  return [
    {
      cluster: name,
      message:
        data['tls.crt'] === undefined
          ? 'Secret cacerts contains no readable ca-cert.pem'
          : 'Secret cacerts has the keys of a TLS Secret (tls.crt), as cert-manager creates it',
      hints: ['replace the CA with the tool that created the Secret'],
    },
  ]
}

/** A CA of another origin is never replaced. */
const ofFolder: CaCheck = {
  id: 'ca-of-folder',
  about: 'the CA of every cluster was issued below the root in the CA folder',
  run: ({members, folder, roots}) =>
    members.flatMap(({name, data}): Finding[] => {
      const ca = readOwnCa(data)
      if (!ca) return []
      const problem = verifyChain(ca.own, {intermediates: ca.chain, roots, now: undefined})
      if (problem === undefined) return []
      return [
        {
          cluster: name,
          message: `the CA in cacerts does not belong to the root in ${folder}: ${problem}`,
          hints: ['set the CA folder of this mesh: --dir DIR'],
        },
      ]
    }),
}

const used: CaCheck = {
  id: 'ca-used',
  about: 'every istiod signs with the CA in cacerts',
  run: ({members}) =>
    members.flatMap(member => {
      const ca = readOwnCa(member.data)
      if (!ca || !member.controlPlane) return []
      return member.signers.flatMap(signer => signerFinding(member, signer, ca.own) ?? [])
    }),
}

function signerFinding(member: CheckedMember, signer: Signer, ca: Certificate): Finding | undefined {
  const problem = signerProblem(signer, ca)
  if (problem === undefined) return undefined
  const {name, systemNamespace} = member
  const hints =
    typeof signer.served === 'string'
      ? [`this needs the permission to create pods/portforward in namespace ${systemNamespace}`]
      : [`an istiod that started without cacerts ignores it until it restarts: ${restartCommand(member)}`]
  return {cluster: name, message: problem, hints}
}

/** Returns why an istiod cannot be shown to sign with a CA; undefined if it does. */
export function signerProblem({pod, served}: Signer, ca: Certificate): string | undefined {
  if (typeof served === 'string') return `the certificate of istiod ${pod} cannot be read: ${served}`
  if (served.verify(ca.publicKey)) return undefined
  return `istiod ${pod} signs with another CA than the one in cacerts`
}

/** Returns the command that restarts the istiods of a cluster. */
export function restartCommand({context, systemNamespace}: Pick<CheckedMember, 'context' | 'systemNamespace'>): string {
  return `kubectl ${contextFlags(context)} -n ${shellWord(systemNamespace)} rollout restart deployment -l app=istiod`
}

/** The checks before the CA of any cluster is replaced. */
export const caChangeChecks: readonly CaCheck[] = [pluggedIn, ofFolder, used]
