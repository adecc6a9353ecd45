import type {Check, Finding} from '../../../findings/check.ts'
import {issuedNames} from '../../../mesh/ca/root.ts'
import {type CaCerts, caData} from '../../../pki/ca-certs.ts'
import {checkCacerts} from '../../../pki/check-cacerts.ts'
import type {Certificate} from '../../../pki/read.ts'
import {formatDate} from '../../../pki/verify.ts'
import {dayMs} from '../../../text/duration.ts'
import type {CaMember} from '../change/read.ts'
import type {Renewal} from './choose.ts'

/** What is checked before the first renewal. */
export interface RenewalSubject {
  renewals: readonly Renewal<Pick<CaMember, 'name' | 'data' | 'controlPlane'>>[]
  /** The roots in the folder. */
  roots: readonly Certificate[]
  /** The CAs in the folder, by cluster. */
  stored: Readonly<Record<string, CaCerts | undefined>>
  now: Date
}

type RenewalCheck = Check<RenewalSubject>

/** A CA never outlives its root. */
const rootLasts: RenewalCheck = {
  id: 'ca-root-lasts',
  about: 'the root outlives the CAs that are renewed',
  run: ({renewals, roots}) => {
    const end = new Date(Math.max(...roots.map(({notAfter}) => notAfter.getTime())))
    return renewals
      .filter(({current, action}) => action === 'issue' && end.getTime() - current.notAfter.getTime() < dayMs)
      .map(
        ({member}): Finding => ({
          cluster: member.name,
          message: `the root CA ends on ${formatDate(end)}, so a renewed CA would not be valid for longer`,
          hints: ['replace the root first: kubectl mesh ca rotate --stage trust'],
        }),
      )
  },
}

const usable: RenewalCheck = {
  id: 'ca-newer-usable',
  about: 'istiod accepts the newer CA in the CA folder',
  run: ({renewals, stored, now}) =>
    renewals.flatMap(({member, action}) => {
      const ca = stored[member.name]
      if (action !== 'install' || !ca) return []
      const problems = checkCacerts(caData(ca), now, issuedNames(member.controlPlane))
      return problems.map((problem): Finding => ({cluster: member.name, ...problem}))
    }),
}

/** The checks before the first renewal. */
export const renewalChecks: readonly RenewalCheck[] = [rootLasts, usable]
