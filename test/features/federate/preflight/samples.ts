import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {federationChecks} from '../../../../src/features/federate/preflight/checks.ts'
import type {FederationCheck, FederationSubject} from '../../../../src/features/federate/preflight/subject.ts'
import {federationFields} from '../../../../src/features/federate/spec.ts'
import {type ReportedFinding, runChecks} from '../../../../src/findings/check.ts'
import type {ControlPlane} from '../../../../src/istio/control-plane.ts'
import {buildCaSecret} from '../../../../src/mesh/ca/objects.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import {readSpec} from '../../../../src/spec/read.ts'
import {controlPlane, facts, member} from '../../../mesh/samples.ts'
import {primaryAndRemote, type RemoteDiffers} from '../../../mesh/samples-remote.ts'
import {caExtensions, ecKey, makeCertificate} from '../../../pki/support.ts'

/**
 * A root, and the `cacerts` of a cluster with an intermediate of this root.
 *
 * @param more extensions of the intermediate
 */
function createCa(...more: string[]): {root: string; cacerts: KubernetesObject} {
  const rootKey = ecKey()
  const rootCert = makeCertificate({key: rootKey})
  const caKey = ecKey()
  const caCert = makeCertificate({
    key: caKey,
    subject: '/CN=east',
    extensions: [...caExtensions, ...more],
    issuer: {certificate: rootCert, key: rootKey},
  })
  const ca = {caCert, caKey, rootCert, certChain: caCert + rootCert}
  return {root: rootCert, cacerts: buildCaSecret(ca, 'east', 'istio-system').object}
}

/** The CA of the mesh. */
export const meshCa = createCa()

/** Another CA, which no cluster of the default sample trusts. */
export const otherCa = createCa()

/** A CA whose name constraints exclude the trust domain `cluster.local`. */
export const constrainedCa = createCa('nameConstraints=critical,permitted;URI:example.org')

/** Differences from the default sample: east and west, two clusters that match. */
export interface Differs {
  /** Values of flags beside --contexts. */
  raw?: object
  west?: Partial<FederationFacts>
  /** Control plane of west. */
  plane?: Partial<ControlPlane>
  east?: Partial<FederationFacts>
  contexts?: [string, string]
  denied?: FederationSubject['denied']
  roots?: FederationSubject['roots']
}

/** Returns the subject of the preflight. Both istiods distribute the root of the mesh. */
export function subject({raw, west = {}, plane, east = {}, ...more}: Differs): FederationSubject {
  const [one, other] = more.contexts ?? ['east', 'west']
  const planes = plane ? {controlPlanes: [controlPlane('west', plane)]} : {}
  return {
    spec: readSpec(federationFields, {contexts: [one, other], ...raw}),
    all: [
      member(one, {...facts('east'), servedRoot: meshCa.root, ...east}, raw),
      member(other, {...facts('west'), servedRoot: meshCa.root, ...planes, ...west}, raw),
    ],
    denied: more.denied ?? new Map(),
    roots: more.roots ?? {folder: undefined, folderName: undefined},
    now: new Date(),
  }
}

/** Returns the subject of the preflight for the primary east and its remote west. */
export function remoteSubject(differs: RemoteDiffers): FederationSubject {
  const roots = {folder: undefined, folderName: undefined}
  return {...primaryAndRemote(differs), denied: new Map(), roots, now: new Date()}
}

/** Returns the findings of all preflight checks. */
export function findingsOf(given: FederationSubject): ReportedFinding[] {
  return runChecks(federationChecks, given)
}

/** A difference that a check must find. */
export interface Case {
  check: string
  what: string
  level: 'error' | 'warning'
  /** undefined: the finding names no cluster. */
  cluster: string | undefined
  message: RegExp
  hint: RegExp
  subject: () => FederationSubject
}

/** Defines a test for each case of some checks, and one that every check has a case. */
export function testCases(checks: readonly FederationCheck[], cases: readonly Case[]): void {
  const ids = checks.map(({id}) => id)
  const own = cases.filter(({check}) => ids.includes(check))

  test.each(own.map(one => [one.check, one.what, one] as const))('%s: %s', (check, _, one) => {
    const findings = findingsOf(one.subject()).filter(finding => finding.check === check)
    expect(findings).toHaveLength(1)
    const {level, cluster, message, hints = []} = findings[0]!
    expect({level, cluster}).toEqual({level: one.level, cluster: one.cluster})
    expect(message).toMatch(one.message)
    expect(hints.join('\n')).toMatch(one.hint)
  })

  test('every check has a case', () => {
    expect(ids.filter(id => !own.some(({check}) => check === id))).toEqual([])
  })
}
