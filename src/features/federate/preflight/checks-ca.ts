import {issuedNames, pluggedCaOf, rootOf} from '../../../mesh/ca/root.ts'
import {caData} from '../../../pki/ca-certs.ts'
import {checkCacerts} from '../../../pki/check-cacerts.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {forEachMember, type MemberFinding} from './for-each.ts'
import type {CaFolder, FederationCheck} from './subject.ts'

/** With an invalid `cacerts`, istiod does not start (1.27), or it signs with a self-signed root. */
const folderCas: FederationCheck = {
  id: 'folder-ca',
  about: 'the CA folder has, or can issue, a valid intermediate CA for each cluster',
  run: forEachMember((member, {roots, now}) => {
    const isRead = member.primary === undefined && member.controlPlane?.externalCa === undefined
    const isNeeded = isRead && !rootOf(member)?.pluggedIn
    if (roots.folder === undefined || !isNeeded) return undefined
    const {cluster} = member
    const ca = roots.intermediates?.get(cluster)
    if (ca) return checkCacerts(caData(ca), now, issuedNames(member.controlPlane))
    return missingCa(cluster, roots)
  }),
}

/** The folder has no CA for a cluster. It may be able to issue one. */
function missingCa(cluster: string, roots: CaFolder): MemberFinding | undefined {
  const at = `--dir ${shellWord(roots.folderName ?? '')} --cluster ${shellWord(cluster)}`
  if (roots.requested?.includes(cluster))
    return {
      message: `the CA of ${cluster} in ${roots.folderName} is requested and not imported yet`,
      hints: [`kubectl mesh ca import ${at}=FILE`],
    }
  if (roots.hasKey) return undefined
  return {
    message: `${roots.folderName} has no intermediate CA for ${cluster}, and no root-key.pem to issue one`,
    hints: [
      `kubectl mesh ca issue ${at} --root-cert FILE --root-key FILE`,
      `or, without the key of the root: kubectl mesh ca request ${at}`,
    ],
  }
}

const clusterCas: FederationCheck = {
  id: 'cluster-ca',
  about: 'the cacerts of each cluster is valid',
  lasting: {role: 'primary'},
  run: forEachMember((member, {now}) =>
    checkCacerts(pluggedCaOf(member) ?? {}, now, issuedNames(member.controlPlane)).map(problem => ({
      ...problem,
      message: `cacerts: ${problem.message}`,
    })),
  ),
}

/** Checks of intermediate CAs. */
export const caChecks: readonly FederationCheck[] = [folderCas, clusterCas]
