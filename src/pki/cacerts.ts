import {MeshError, type Problem} from '../errors.ts'
import {caFiles} from './ca-certs.ts'
import {type Certificate, keyFits, readCertificates, readPemBlocks, readPrivateKey} from './read.ts'
import {verifyChain} from './verify.ts'

/** The data of a Secret `cacerts`, decoded, or a folder's files: by key. */
export type CaData = Record<string, string | undefined>

/** Which key holds what, in one of the two layouts that istiod knows. */
export interface CaLayout {
  cert: string
  key: string
  root: string
  /** Read one after the other. */
  chain: readonly string[]
}

const istioLayout: CaLayout = {
  cert: caFiles.caCert,
  key: caFiles.caKey,
  root: caFiles.rootCert,
  chain: [caFiles.certChain],
}

const tlsLayout: CaLayout = {cert: 'tls.crt', key: 'tls.key', root: 'ca.crt', chain: ['tls.crt', 'ca.crt']}

/** The layout that istiod reads: `tls.crt` alone decides (pilot/pkg/bootstrap/istio_ca.go, 1.31). */
export function layoutOf(data: CaData): CaLayout {
  return data[tlsLayout.cert] === undefined ? istioLayout : tlsLayout
}

const reissueHint = 'issue it again: kubectl mesh ca issue --dir DIR --cluster NAME --renew'

/**
 * What istiod would refuse in a `cacerts`, and what its proxies would: nothing is empty. Without any of the keys there
 * is nothing to refuse, as istiod then makes its own CA. All that is wrong at once, as far as it can be told apart.
 *
 * Source: pilot/pkg/bootstrap/istio_ca.go, security/pkg/pki/ca/ca.go and security/pkg/pki/util (Istio 1.31); an
 * incomplete set stops istiod since 1.27, before it silently fell back to a CA of its own.
 */
export function checkCacerts(data: CaData, now: Date): Problem[] {
  const layout = layoutOf(data)
  const keys = [...new Set([layout.cert, layout.key, layout.root, ...layout.chain])]
  const missing = keys.filter(key => data[key] === undefined)
  if (missing.length === keys.length) return []
  if (missing.length > 0) return [incomplete(missing, layout)]

  const problems: Problem[] = []
  /** Gives what `read` gives, or notes what is wrong. */
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof MeshError)) throw error
      problems.push(...error.problems)
      return undefined
    }
  }
  const certificates = (key: string) => attempt(() => readCertificates(data[key]!, key))
  /** An empty chain is read as none. */
  const chainOf = (key: string) => (data[key]!.trim() === '' ? [] : certificates(key))
  const certs = certificates(layout.cert)
  const roots = layout.root === layout.cert ? certs : certificates(layout.root)
  const chains = layout.chain.map(key => (key === layout.cert ? certs : key === layout.root ? roots : chainOf(key)))
  const key = attempt(() => readPrivateKey(data[layout.key]!, layout.key))
  const own = certs?.[0]
  if (!own) return problems

  if (key) problems.push(...keyProblems(own, key, data[layout.key]!, layout))
  if (!own.isCA)
    problems.push({
      message: `${layout.cert} (${own.subject}) is not a CA that may sign certificates`,
      hints: [reissueHint],
    })
  if (!roots || chains.includes(undefined)) return problems
  const intermediates = chains.flatMap(chain => chain ?? [])
  const broken = verifyChain(own, {intermediates, roots, now})
  if (broken)
    problems.push({message: `${layout.cert} does not verify up to ${layout.root}: ${broken}`, hints: [reissueHint]})
  if (![...intermediates, ...roots].some(({fingerprint}) => fingerprint === own.fingerprint))
    problems.push({
      message: `${layout.chain.join(' + ')} lacks ${layout.cert} itself: workloads present it, and other clusters could not verify them`,
      hints: [`put ${layout.cert} in front: cat ${layout.cert} ${layout.root} > ${layout.chain[0]}`],
    })
  return problems
}

function incomplete(missing: readonly string[], layout: CaLayout): Problem {
  const why = layout === tlsLayout ? ' (with tls.crt there, istiod reads only tls.crt, tls.key and ca.crt)' : ''
  return {
    message: `${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing; istiod 1.27 and later does not start with a part of them${why}`,
    hints: [
      layout === tlsLayout ? `add ${missing.join(', ')}, or remove tls.crt to use ca-cert.pem and so on` : reissueHint,
    ],
  }
}

/** The key block that istiod reads is the first of the file, and only of these types. */
const keyTypes = ['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY']

function keyProblems(
  own: Certificate,
  key: ReturnType<typeof readPrivateKey>,
  pem: string,
  layout: CaLayout,
): Problem[] {
  const first = readPemBlocks(pem)[0]!.type
  const problems: Problem[] = []
  if (!keyTypes.includes(first))
    problems.push({
      message: `${layout.key} begins with ${first}; istiod reads the first block only, and wants the key there`,
      hints: [`keep the key alone: (umask 077; openssl pkey -in ${layout.key} -out key.pem)`],
    })
  if (!keyFits(own, key))
    problems.push({message: `${layout.key} is not the key of ${layout.cert} (${own.subject})`, hints: [reissueHint]})
  return problems
}
