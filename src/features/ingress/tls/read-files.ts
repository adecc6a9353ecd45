import {exitCodes, MeshError, type Problem} from '../../../errors.ts'
import {inspectServer, type NamedBytes} from '../../../pki/server.ts'
import {formatWarnings} from '../../../terminal/output/findings.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {fileReason, readProblems} from '../../../text/file-errors.ts'
import {readBytes} from '../../../text/read-text.ts'
import type {TlsMaterial} from './objects.ts'
import type {IngressTls} from './spec.ts'

/**
 * Reads and inspects the files of a host. Prints warnings to stderr.
 *
 * @throws MeshError (exit 2) that lists every problem
 */
export async function readTlsFiles(
  spec: IngressTls & {host: string},
  now: Date,
  terminal: Terminal,
): Promise<TlsMaterial> {
  const problems: Problem[] = []
  const read = async (name: string): Promise<NamedBytes> => {
    try {
      return {name, bytes: await readBytes(name)}
    } catch (error) {
      problems.push(...readProblems(error, name))
      return {name, bytes: Buffer.alloc(0)}
    }
  }
  const cert = await read(spec.cert!)
  const key = await read(spec.key!)
  const ca = spec.ca === undefined ? undefined : await read(spec.ca)
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
  const inspection = inspectServer({cert, key, ca}, [spec.host], now)
  const warnings = inspection.problems.filter(({level}) => level === 'warning')
  const errors = inspection.problems.filter(({level}) => level === 'error')
  terminal.message(formatWarnings(warnings))
  if (errors.length > 0) throw new MeshError(errors, exitCodes.usage)
  const text = ({bytes}: NamedBytes) => bytes.toString('utf8')
  return {certificate: text(cert), key: text(key), ca: ca && text(ca)}
}

/**
 * Returns what is wrong with the files of a host, in words that follow the name of a file. Undefined if a gateway can use them.
 *
 * @param files paths; without `key`, only the certificates are inspected
 */
export async function tlsFileProblem(
  {cert, key}: {cert: string; key?: string},
  host: string,
  now: Date,
): Promise<string | undefined> {
  try {
    const [certBytes, keyBytes] = await Promise.all([readBytes(cert), key === undefined ? undefined : readBytes(key)])
    const files = {
      cert: {name: cert, bytes: certBytes},
      key: keyBytes && {name: key!, bytes: keyBytes},
    }
    const error = inspectServer(files, [host], now).problems.find(({level}) => level === 'error')
    return error && `cannot be used: ${error.message}`
  } catch (error) {
    return `cannot be read: ${fileReason(error)}`
  }
}
