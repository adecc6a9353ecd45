import {readCaSecret} from '../../../mesh/ca/objects.ts'
import {caData} from '../../../pki/ca-certs.ts'
import {checkCacerts} from '../../../pki/check-cacerts.ts'
import {shellWord} from '../../../spec/read.ts'
import {rootOf} from './checks-roots.ts'
import type {FederationCheck} from './subject.ts'

/** An istiod with a broken `cacerts` does not start (1.27) or signs with a CA of its own: neither may come from us. */
const folderCas: FederationCheck = {
  id: 'folder-ca',
  about: 'the CA folder has, or can issue, an intermediate that istiod takes for each cluster',
  run: ({all, roots, now}) => {
    if (roots.folder === undefined) return []
    const wanting = all.filter(member => member.primary === undefined && !rootOf(member)?.pluggedIn)
    return wanting.flatMap(({cluster}) => {
      const ca = roots.intermediates?.get(cluster)
      if (ca) return checkCacerts(caData(ca), now).map(problem => ({...problem, cluster}))
      if (roots.hasKey) return []
      return [
        {
          cluster,
          message: `${roots.folderName} has no intermediate for it, and no root-key.pem to issue one`,
          hints: [
            `kubectl mesh ca issue --dir ${shellWord(roots.folderName ?? '')} --cluster ${cluster} --root-cert FILE --root-key FILE`,
          ],
        },
      ]
    })
  },
}

const clusterCas: FederationCheck = {
  id: 'cluster-ca',
  about: 'istiod takes the cacerts that the clusters have',
  lasting: {role: 'primary'},
  run: ({all, now}) =>
    all.flatMap(({cluster, facts, primary}) =>
      // no istiod reads that of a remote
      facts?.caSecret && primary === undefined
        ? checkCacerts(readCaSecret(facts.caSecret), now).map(problem => ({
            ...problem,
            cluster,
            message: `cacerts: ${problem.message}`,
          }))
        : [],
    ),
}

export const caChecks: readonly FederationCheck[] = [folderCas, clusterCas]
