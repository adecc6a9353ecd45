import type {KeyObject} from 'node:crypto'
import type {Problem} from '../errors.ts'
import {attempt} from './attempt.ts'
import {pathFrom} from './authority.ts'
import {caFiles} from './ca-certs.ts'
import {excludedNames, type IssuedNames} from './name-constraints.ts'
import {type Certificate, keyFits, readCertificates, readPemBlocks, readPrivateKey} from './read.ts'
import {verifyChain} from './verify.ts'

/** PEM texts by key of a Secret `cacerts`, decoded, or by file name of a CA folder. */
export type CaData = Record<string, string | undefined>

/** The keys of a Secret `cacerts`, in one of the two layouts that istiod reads. */
export interface CaLayout {
  cert: string
  key: string
  root: string
  /** Concatenated by istiod. */
  chain: readonly string[]
}

const istioLayout: CaLayout = {
  cert: caFiles.caCert,
  key: caFiles.caKey,
  root: caFiles.rootCert,
  chain: [caFiles.certChain],
}

const tlsLayout: CaLayout = {cert: 'tls.crt', key: 'tls.key', root: 'ca.crt', chain: ['tls.crt', 'ca.crt']}

/** The layout that istiod reads. It depends only on the key `tls.crt` (pilot/pkg/bootstrap/istio_ca.go, 1.31). */
export function layoutOf(data: CaData): CaLayout {
  return data[tlsLayout.cert] === undefined ? istioLayout : tlsLayout
}

const renewHint = 'issue it again: kubectl mesh ca issue --dir DIR --cluster NAME --renew'

const constraintHint =
  'proxies reject every certificate of this CA: replace it by one below the same root whose name constraints permit these names, or by one without'

/**
 * Checks a Secret `cacerts` for everything that istiod or its proxies reject. Without any of the keys there is no problem:
 * istiod creates a CA itself.
 *
 * Sources: pilot/pkg/bootstrap/istio_ca.go, security/pkg/pki/ca/ca.go and security/pkg/pki/util (Istio 1.31). Since 1.27,
 * istiod does not start with an incomplete set; earlier releases silently used a self-signed CA instead.
 *
 * @param issued what istiod issues certificates for: name constraints must not exclude it. Undefined if that is unknown
 * @returns all problems; empty if istiod accepts the CA
 */
export function checkCacerts(data: CaData, now: Date, issued?: IssuedNames): Problem[] {
  const layout = layoutOf(data)
  const keys = [...new Set([layout.cert, layout.key, layout.root, ...layout.chain])]
  const missing = keys.filter(key => data[key] === undefined)
  if (missing.length === keys.length) return []
  if (missing.length > 0) return [incompleteProblem(missing, layout)]

  const problems: Problem[] = []
  const {certs, roots, chain, key} = parse(data, layout, problems)
  const [own] = certs ?? []
  if (!own) return problems
  if (key) problems.push(...keyProblems(own, key, data[layout.key]!, layout))
  if (!own.isCA)
    problems.push({
      message: `${layout.cert} (${own.subject}) is not a CA that may sign certificates`,
      hints: [renewHint],
    })
  if (roots && chain) problems.push(...chainProblems(own, chain, roots, layout, now))
  return problems.length > 0 ? problems : constraintProblems(pathFrom(own, [...chain!, ...roots!]), issued)
}

/** @param path the CA and those above it */
function constraintProblems(path: readonly Certificate[], issued: IssuedNames | undefined): Problem[] {
  const excluded = issued && excludedNames(path, issued)
  return excluded ? [{message: excluded, hints: [constraintHint]}] : []
}

interface ParsedCa {
  certs: Certificate[] | undefined
  roots: Certificate[] | undefined
  /** Certificates of all chain keys. Undefined if one of them is unreadable. */
  chain: Certificate[] | undefined
  key: KeyObject | undefined
}

/** Parses every key once. What is unreadable is undefined, and added to `problems`. */
function parse(data: CaData, layout: CaLayout, problems: Problem[]): ParsedCa {
  const certificates = (key: string) => attempt(() => readCertificates(data[key]!, key), problems)
  const certs = certificates(layout.cert)
  const roots = layout.root === layout.cert ? certs : certificates(layout.root)
  const chains = layout.chain.map(key => {
    if (key === layout.cert) return certs
    if (key === layout.root) return roots
    // istiod accepts an empty chain.
    return data[key]!.trim() === '' ? [] : certificates(key)
  })
  const key = attempt(() => readPrivateKey(data[layout.key]!, layout.key), problems)
  const complete = chains.every(chain => chain !== undefined)
  return {certs, roots, chain: complete ? chains.flat() : undefined, key}
}

function incompleteProblem(missing: readonly string[], layout: CaLayout): Problem {
  const why = layout === tlsLayout ? ' (if tls.crt exists, istiod reads only tls.crt, tls.key and ca.crt)' : ''
  const names = missing.join(', ')
  return {
    message: `${names} ${missing.length > 1 ? 'are' : 'is'} missing; istiod 1.27 and later does not start with an incomplete set${why}`,
    hints: [layout === tlsLayout ? `add ${names}, or remove tls.crt to use the ca-cert.pem layout` : renewHint],
  }
}

function chainProblems(
  own: Certificate,
  chain: readonly Certificate[],
  roots: readonly Certificate[],
  layout: CaLayout,
  now: Date,
): Problem[] {
  const problems: Problem[] = []
  const broken = verifyChain(own, {intermediates: chain, roots, now})
  if (broken)
    problems.push({message: `${layout.cert} does not verify up to ${layout.root}: ${broken}`, hints: [renewHint]})
  if (![...chain, ...roots].some(({fingerprint}) => fingerprint === own.fingerprint))
    problems.push({
      message: `${layout.chain.join(' + ')} does not contain ${layout.cert}; other clusters cannot verify workloads without it`,
      hints: [`add it at the beginning: cat ${layout.cert} ${layout.root} > ${layout.chain[0]}`],
    })
  return problems
}

/** Types of the first PEM block that istiod accepts as a key. It ignores later blocks. */
const keyTypes = ['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY']

function keyProblems(own: Certificate, key: KeyObject, pem: string, layout: CaLayout): Problem[] {
  const first = readPemBlocks(pem)[0]!.type
  const problems: Problem[] = []
  if (!keyTypes.includes(first))
    problems.push({
      message: `${layout.key} begins with ${first}; istiod reads only the first block and expects the key there`,
      hints: [`keep only the key: (umask 077; openssl pkey -in ${layout.key} -out key.pem)`],
    })
  if (!keyFits(own, key))
    problems.push({message: `${layout.key} does not match ${layout.cert} (${own.subject})`, hints: [renewHint]})
  return problems
}
