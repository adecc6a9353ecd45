/**
 * Fields of a certificate that node:crypto does not expose. Names are the hex of their DER bytes, which Go compares
 * (crypto/x509).
 */
export interface DerFields {
  issuerName: string
  subjectName: string
  /** Object identifier of the signature algorithm: its content bytes, hex. */
  signatureAlgorithm: string
  /** Maximum number of CAs below this one; undefined for no limit. */
  pathLength: number | undefined
  /** Subject key identifier, hex; undefined without the extension. */
  keyId: string | undefined
  /** Undefined without the extension. */
  nameConstraints: NameConstraints | undefined
}

/** Names that certificates below a CA may have (RFC 5280, 4.2.1.10), of the two forms that istiod issues. */
export interface NameConstraints {
  permitted: ConstrainedName[]
  excluded: ConstrainedName[]
}

/** A DNS domain, or the domain of a URI. */
export interface ConstrainedName {
  form: 'DNS' | 'URI'
  domain: string
}

interface Element {
  tag: number
  content: Buffer
  /** Content with tag and length. */
  whole: Buffer
}

const tags = {integer: 0x02, version: 0xa0, extensions: 0xa3} as const
/** 2.5.29.14, 2.5.29.19 and 2.5.29.30 (RFC 5280, 4.2.1.2, 4.2.1.9 and 4.2.1.10). */
const oids = {subjectKeyIdentifier: '551d0e', basicConstraints: '551d13', nameConstraints: '551d1e'} as const

/**
 * Parses the DER of one certificate (RFC 5280, 4.1).
 *
 * @throws Error if the bytes are not a certificate
 */
export function readDerFields(der: Buffer): DerFields {
  const [tbs, algorithm] = children(readElement(der).content)
  const fields = children(need(tbs).content).filter(({tag}) => tag !== tags.version)
  const [, , issuer, , subject] = fields
  const extensions = readExtensions(fields.find(({tag}) => tag === tags.extensions))
  const constraints = extensions.get(oids.basicConstraints)
  const keyId = extensions.get(oids.subjectKeyIdentifier)
  const names = extensions.get(oids.nameConstraints)
  return {
    issuerName: need(issuer).whole.toString('hex'),
    subjectName: need(subject).whole.toString('hex'),
    signatureAlgorithm: need(children(need(algorithm).content)[0]).content.toString('hex'),
    pathLength: constraints && pathLengthOf(constraints),
    keyId: keyId && readElement(keyId).content.toString('hex'),
    nameConstraints: names && nameConstraintsOf(names),
  }
}

/** Tags of permitted and excluded subtrees, and of the forms of a GeneralName (RFC 5280, 4.2.1.6 and 4.2.1.10). */
const nameTags = {permitted: 0xa0, excluded: 0xa1, dns: 0x82, uri: 0x86} as const

function nameConstraintsOf(extension: Buffer): NameConstraints {
  const lists = children(readElement(extension).content)
  const names = (wanted: number) =>
    lists
      .filter(({tag}) => tag === wanted)
      .flatMap(({content}) => children(content))
      .flatMap(({content}): ConstrainedName[] => {
        const {tag, content: name} = need(children(content)[0])
        if (tag !== nameTags.dns && tag !== nameTags.uri) return []
        return [{form: tag === nameTags.dns ? 'DNS' : 'URI', domain: name.toString('latin1').toLowerCase()}]
      })
  return {permitted: names(nameTags.permitted), excluded: names(nameTags.excluded)}
}

/** Values of the extensions by object identifier (hex), both without tag and length. */
function readExtensions(wrapper: Element | undefined): Map<string, Buffer> {
  if (!wrapper) return new Map()
  const list = children(readElement(wrapper.content).content)
  return new Map(
    list.map(({content}) => {
      const parts = children(content)
      return [need(parts[0]).content.toString('hex'), need(parts.at(-1)).content]
    }),
  )
}

function pathLengthOf(constraints: Buffer): number | undefined {
  const limit = children(readElement(constraints).content).find(({tag}) => tag === tags.integer)
  return limit && Number.parseInt(limit.content.toString('hex'), 16)
}

function children(content: Buffer): Element[] {
  const list: Element[] = []
  for (let rest = content; rest.length > 0; ) {
    const element = readElement(rest)
    list.push(element)
    rest = rest.subarray(element.whole.length)
  }
  return list
}

function readElement(bytes: Buffer): Element {
  const short = bytes[1] ?? 0
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f
  if (bytes.length < 2 + lengthBytes || lengthBytes > 4) throw new Error('DER is truncated')
  const length = lengthBytes === 0 ? short : bytes.readUIntBE(2, lengthBytes)
  const end = 2 + lengthBytes + length
  if (end > bytes.length) throw new Error('DER is truncated')
  return {tag: bytes[0]!, content: bytes.subarray(2 + lengthBytes, end), whole: bytes.subarray(0, end)}
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('DER of a certificate lacks a required field')
  return value
}
