import type {Problem} from '../errors.ts'
import {attempt} from './attempt.ts'
import {type CaData, checkCacerts, layoutOf} from './check-cacerts.ts'
import type {IssuedNames} from './name-constraints.ts'
import {type Certificate, readCertificates, readPemBlocks, sameRoot} from './read.ts'
import {verifyChain} from './verify.ts'

/** The CA of a cluster, as found in the cluster or in a CA folder. */
export interface CaFound {
  cluster: string
  source: 'cluster' | 'folder'
  /** Secret `cacerts`, decoded; undefined if there is none. */
  data: CaData | undefined
  /** Creation time of Secret `cacerts`. */
  created?: string
  /** Why no istiod reads `cacerts`: another CA issues the certificates of workloads (`ENABLE_CA_SERVER=false`). */
  externalCa?: string
  /** What the istiod of the cluster issues certificates for; undefined if that is unknown. */
  issued?: IssuedNames
  /** The root that the cluster currently distributes: ConfigMap `istio-ca-root-cert`, PEM. */
  servedRoot?: string
  /** How far the cluster is in a change of the root. */
  rotation?: CaRotation | undefined
}

/** How far a cluster is in a change of the root. */
export interface CaRotation {
  stage: string
  proxies: number
  /** What proxies lack, as `NAMESPACE/NAME PROBLEM`. */
  incomplete: readonly string[]
}

/** One CA of the comparison. Subject, issuer and end are undefined if no certificate could be read. */
export interface CaRow {
  cluster: string
  source: CaFound['source']
  subject: string | undefined
  issuer: string | undefined
  /** When the certificate of the CA ends. */
  expires: Date | undefined
  /** When the Secret of the CA was created. Undefined for a CA in a folder, and for one that is not in a Secret. */
  created: string | undefined
  /** Fingerprints of the trusted roots, in the format of openssl. */
  roots: string[]
  /** Whether this CA and that of the largest group trust each other. Undefined if no CA was found. */
  sameRoot: boolean | undefined
  /** Rows with which this CA has no mutual trust: `south`, `east (folder)`. */
  differsFrom: string[]
  problems: Problem[]
  /** Only during a change of the root. */
  rotation?: CaRotation
}

/** Comparison of all CAs. */
export interface CaComparison {
  rows: CaRow[]
  /** Whether every CA was found and trusts every other. */
  share: boolean
}

/** A CA that was found. */
interface KnownCa {
  own: Certificate
  chain: Certificate[]
  roots: Certificate[]
}

/**
 * Compares the CAs of clusters and of a folder. Two CAs share a root if each verifies against the roots of the other.
 * During a rotation, with the old and the new root in use, the result therefore corresponds to what works.
 */
export function compareCas(found: readonly CaFound[], now: Date): CaComparison {
  const known = found.map(readKnown)
  const trusts = (a: KnownCa, b: KnownCa) =>
    verifyChain(a.own, {intermediates: a.chain, roots: b.roots, now: undefined}) === undefined
  const share = (a: KnownCa | undefined, b: KnownCa | undefined) => a && b && trusts(a, b) && trusts(b, a)
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
      created: one.created,
      roots: ca ? [...new Set(ca.roots.map(({fingerprint}) => fingerprint))] : [],
      sameRoot: ca && (ca === reference || share(ca, reference) === true),
      differsFrom: ca
        ? found.filter((_, other) => known[other] && ca !== known[other] && !share(ca, known[other])).map(labelOf)
        : [],
      problems: problemsOf(one, now),
      ...(one.rotation ? {rotation: one.rotation} : {}),
    }
  })
  return {rows, share: rows.length > 0 && rows.every(row => row.sameRoot !== undefined && row.differsFrom.length === 0)}
}

function labelOf({cluster, source}: CaFound): string {
  return source === 'folder' ? `${cluster} (folder)` : cluster
}

/** The CA in `cacerts`; else the self-signed CA of istiod, or another CA, of which only the root is known. */
function readKnown({data: secret, servedRoot, externalCa}: CaFound): KnownCa | undefined {
  const data = externalCa === undefined ? secret : undefined
  const layout = layoutOf(data ?? {})
  const read = (key: string) => certificatesOf(data?.[key])
  const [own] = read(layout.cert)
  if (own) return {own, chain: layout.chain.flatMap(read), roots: read(layout.root)}
  const roots = certificatesOf(servedRoot)
  return roots[0] && {own: roots[0], chain: [], roots}
}

/** The readable certificates. `checkCacerts` reports those that are unreadable. */
function certificatesOf(pem: string | undefined): Certificate[] {
  const blocks = readPemBlocks(pem ?? '').filter(({type}) => type === 'CERTIFICATE')
  return blocks.flatMap(({text}) => attempt(() => readCertificates(text, ''), []) ?? [])
}

function problemsOf(found: CaFound, now: Date): Problem[] {
  const {data, servedRoot, externalCa, issued} = found
  const name = labelOf(found)
  if (externalCa !== undefined) return servedRoot === undefined ? [unknownExternalCa(name, externalCa)] : []
  const root = data?.[layoutOf(data).root]
  const problems = checkCacerts(data ?? {}, now, issued)
  if (root !== undefined && servedRoot !== undefined && !sameRoot(root, servedRoot))
    problems.push({
      message: 'istiod distributes another root than the one in cacerts',
      hints: ['restart istiod, then the workloads: istiod reads a new root only when it starts'],
    })
  if (found.source === 'cluster' && !data && servedRoot === undefined)
    problems.push({
      message: 'no CA found: Secret cacerts does not exist, and istiod has not distributed a root',
      hints: ['check that Istio is installed; kubectl mesh ca issue creates a CA'],
    })
  return problems.map(problem => ({...problem, message: `${name}: ${problem.message}`}))
}

function unknownExternalCa(name: string, setting: string): Problem {
  return {
    message: `${name}: no root found: another CA than istiod issues the certificates (${setting}), and there is no ConfigMap istio-ca-root-cert`,
    hints: ['check that this CA distributes its root to the namespaces'],
  }
}
