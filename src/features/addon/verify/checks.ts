import type {Check, Finding} from '../../../findings/check.ts'
import {mountsSecret} from '../../../istio/kiali.ts'
import {shellWord} from '../../../text/shell-word.ts'
import type {KialiCredential, KialiSubject, KialiView} from './read.ts'

type KialiCheck = Check<KialiSubject>

const again = 'run kubectl mesh addon connect kiali again for these clusters'

/** A Kiali that reads no other cluster may be meant to. */
const reads: KialiCheck = {
  id: 'kiali-reads',
  about: 'Kiali has a credential for every cluster of the mesh',
  run: ({kialis, members}) =>
    kialis.flatMap(({cluster, credentials, deployment}): Finding[] => {
      const missing = members.filter(name => name !== cluster && !credentials.some(({target}) => target === name))
      if (missing.length === 0) return []
      return [
        {
          level: 'warning',
          cluster,
          message: `Kiali in namespace ${deployment.metadata.namespace} has no credential for ${missing.join(', ')}`,
          hints: ['kubectl mesh addon connect kiali --contexts with the contexts of all clusters'],
        },
      ]
    }),
}

const credentials: KialiCheck = {
  id: 'kiali-credential',
  about: 'the credentials of Kiali are accepted, and may read',
  run: subject => forEachCredential(subject, problemOf),
}

function problemOf({target, isComplete, answer}: KialiCredential): string | undefined {
  if (!isComplete) return 'has no server or no token, so that Kiali does not load it'
  if (answer === 'rejected') return `contains a token that the API server of ${target} rejects`
  if (answer === 'denied') return `contains a token without the permission to read ${target}`
  return undefined
}

const mounted: KialiCheck = {
  id: 'kiali-mounted',
  about: 'the pods of Kiali mount its credentials',
  run: subject =>
    forEachCredential(subject, ({secret}, {deployment}) =>
      mountsSecret(deployment, secret.metadata.name)
        ? undefined
        : `is not mounted by Deployment ${deployment.metadata.name}, so that Kiali does not read it`,
    ),
}

const known: KialiCheck = {
  id: 'kiali-cluster',
  about: 'the credentials of Kiali are for clusters of the mesh',
  run: subject =>
    forEachCredential(subject, ({target}) =>
      subject.members.includes(target) ? undefined : `is for ${target}, which is no cluster of this mesh`,
    ).map(finding => ({
      ...finding,
      level: 'warning',
      hints: ['add its context to --contexts; if the cluster has left the mesh, delete the Secret'],
    })),
}

function forEachCredential(
  {kialis}: KialiSubject,
  problem: (credential: KialiCredential, kiali: KialiView) => string | undefined,
): Finding[] {
  return kialis.flatMap(kiali =>
    kiali.credentials.flatMap((credential): Finding[] => {
      const found = problem(credential, kiali)
      if (found === undefined) return []
      const {name, namespace = ''} = credential.secret.metadata
      return [
        {
          cluster: kiali.cluster,
          message: `Secret ${name} in namespace ${namespace} ${found}`,
          hints: [
            again,
            `a Secret of another owner stays: kubectl -n ${shellWord(namespace)} get secret ${shellWord(name)}`,
          ],
        },
      ]
    }),
  )
}

/** The checks of the clusters that Kiali reads. */
export const kialiChecks: readonly KialiCheck[] = [reads, credentials, mounted, known]
