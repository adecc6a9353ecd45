import {MeshError, type Problem} from '../errors.ts'
import {type CaData, checkCacerts, layoutOf} from './cacerts.ts'
import {type Certificate, readCertificates, readPemBlocks, sameRoot} from './read.ts'
import {verifyChain} from './verify.ts'

/** The CA of a cluster, as it was found there or in a CA folder. */
export interface CaFound {
  cluster: string
  source: 'cluster' | 'folder'
  /** `cacerts`, decoded; undefined when there is none. */
  data: CaData | undefined
  /** What istiod hands out now: ConfigMap `istio-ca-root-cert`, PEM. */
  servedRoot?: string
}

/** One CA in the status. */
export interface CaRow {
  cluster: string
  source: CaFound['source']
  /** Undefined where no certificate could be read. */
  subject: string | undefined
  issuer: string | undefined
  /** End of the CA's own certificate. */
  expires: Date | undefined
  /** Fingerprints of the roots that are trusted there, as openssl prints them. */
  roots: string[]
  /** Whether this CA and the first of the largest group trust each other; undefined: no CA is known. */
  sameRoot: boolean | undefined
  /** Rows that don't trust this CA or are not trusted by it: `south`, `east (folder)`. */
  differsFrom: string[]
  problems: Problem[]
}

/** All CAs side by side. */
export interface CaComparison {
  rows: CaRow[]
  /** Whether every CA is known and trusts every other. */
  share: boolean
}

interface Known {
  own: Certificate
  chain: Certificate[]
  roots: Certificate[]
}

/**
 * Compares the CAs of all clusters and of a folder. Two share a root when each verifies up to the other's roots, so a
 * change of roots that is half way (old and new root side by side) counts as shared exactly as long as it works.
 */
export function compareCas(found: readonly CaFound[], now: Date): CaComparison {
  const known = found.map(readKnown)
  const trusts = (a: Known, b: Known) =>
    verifyChain(a.own, {intermediates: a.chain, roots: b.roots, now: undefined}) === undefined
  const share = (a: Known | undefined, b: Known | undefined) => a && b && trusts(a, b) && trusts(b, a)
  const partners = known.map(one => known.filter(other => share(one, other)).length)
  const reference = known[partners.indexOf(Math.max(...partners))]
  const rows = found.map((one, at): CaRow => {
    const ca = known[at]
    return {
      cluster: one.cluster,
      source: one.source,
      subject: ca?.own.subject,
      issuer: ca?.own.issuer,
      expires: ca?.own.notAfter,
      roots: ca ? [...new Set(ca.roots.map(({fingerprint}) => fingerprint))] : [],
      sameRoot: ca && (ca === reference || share(ca, reference) === true),
      differsFrom: ca
        ? found.filter((_, other) => known[other] && ca !== known[other] && !share(ca, known[other])).map(nameOf)
        : [],
      problems: problemsOf(one, now),
    }
  })
  return {rows, share: rows.length > 0 && rows.every(row => row.sameRoot !== undefined && row.differsFrom.length === 0)}
}

function nameOf({cluster, source}: CaFound): string {
  return source === 'folder' ? `${cluster} (folder)` : cluster
}

/** The CA of `cacerts`, else the one that istiod made itself: its root. */
function readKnown({data, servedRoot}: CaFound): Known | undefined {
  const layout = layoutOf(data ?? {})
  const read = (key: string) => certificatesOf(data?.[key])
  const [own] = read(layout.cert)
  if (own) return {own, chain: layout.chain.flatMap(read), roots: read(layout.root)}
  const roots = certificatesOf(servedRoot)
  return roots[0] && {own: roots[0], chain: [], roots}
}

/** What can be read; `checkCacerts` tells what can't. */
function certificatesOf(pem: string | undefined): Certificate[] {
  const blocks = readPemBlocks(pem ?? '').filter(({type}) => type === 'CERTIFICATE')
  return blocks.flatMap(({text}) => {
    try {
      return readCertificates(text, '')
    } catch (error) {
      if (!(error instanceof MeshError)) throw error
      return []
    }
  })
}

function problemsOf(found: CaFound, now: Date): Problem[] {
  const {data, servedRoot} = found
  const name = nameOf(found)
  const root = data?.[layoutOf(data).root]
  const problems = checkCacerts(data ?? {}, now)
  if (root !== undefined && servedRoot !== undefined && !sameRoot(root, servedRoot))
    problems.push({
      message: 'istiod hands out another root than the one in cacerts',
      hints: ['restart istiod, then the workloads: it reads a new root only when it starts'],
    })
  if (found.source === 'cluster' && !data && servedRoot === undefined)
    problems.push({
      message: 'no CA is known: no Secret cacerts, and istiod has not handed out a root',
      hints: ['is Istio installed there? kubectl mesh ca issue makes a CA for it'],
    })
  return problems.map(problem => ({...problem, message: `${name}: ${problem.message}`}))
}
