import {parseAddress} from './address.ts'
import {corefileMark, foreignBlocks, isManagedBlock, isReplaceable, zoneTaken} from './global-block.ts'
import {type CorefileBlock, readCorefile} from './parse.ts'
import {startsLine, tokenize} from './tokens.ts'

/** The files of CoreDNS in a cluster. */
export interface CorefileFiles {
  corefile: string
  /** The data of ConfigMap `coredns-custom`, which clusters mount in the folder `custom`; undefined if it does not exist. */
  custom: Readonly<Record<string, string>> | undefined
}

/** The file with the server block for `.global`. */
export interface StubFile {
  /** Name of the ConfigMap. */
  map: 'coredns' | 'coredns-custom'
  key: string
  /** Port of the server block; '' for the default of CoreDNS. */
  port: string
}

/** A text that CoreDNS reads. */
interface ReadText extends Omit<StubFile, 'port'> {
  text: string
  /** A snippet of the Corefile. Nothing can be replaced in it, because others may import it too. */
  isSnippet?: true
}

/**
 * Returns the file in which the server block for `.global` is, or belongs: in place of an existing block; else where an earlier
 * run wrote it; else in ConfigMap `coredns-custom`, if the Corefile imports servers from it, because distributions do not revert
 * that ConfigMap; else in the Corefile. The block has the port of the server for all other names: Services can forward port 53 to
 * any port.
 *
 * @param replace whether the block replaces an existing block for the zone
 * @throws MeshError (exit 3) if CoreDNS rejects a file, or if another block serves the zone and cannot be replaced
 */
export function stubFile(files: CorefileFiles, replace: boolean): StubFile {
  const blocks = readCorefile(files.corefile)
  const patterns = customImports(blocks)
  const texts = readTexts(files, blocks, patterns)
  const port = rootPort(files.corefile, blocks)
  const foreign = texts.flatMap(read => foreignBlocks(read.text, port).map(block => ({read, block})))
  for (const {read, block} of foreign)
    if (!replace || foreign.length > 1 || read.isSnippet || !isReplaceable(block)) throw zoneTaken(placeOf(read), block)
  const file = foreign[0]?.read ?? texts.find(({text}) => hasManagedBlock(text))
  if (file) return {map: file.map, key: file.key, port}
  const pattern = patterns.find(glob => glob.startsWith('*'))
  if (pattern !== undefined) return {map: 'coredns-custom', key: pattern.replace('*', 'kubectl-mesh'), port}
  return {map: 'coredns', key: 'Corefile', port}
}

/** The keys of ConfigMap `coredns-custom` that contain a managed block. */
export function managedKeys(custom: CorefileFiles['custom']): string[] {
  // Keys that no Corefile imports need not be valid.
  const entries = Object.entries(custom ?? {}).filter(([, text]) => text.includes(corefileMark))
  return entries.filter(([, text]) => hasManagedBlock(text)).map(([key]) => key)
}

function hasManagedBlock(text: string): boolean {
  return readCorefile(text).some(block => isManagedBlock(text, block))
}

function placeOf({map, key}: ReadText): string {
  return map === 'coredns' ? 'the Corefile' : `key ${key} of ConfigMap ${map}, which the Corefile imports,`
}

/**
 * The file names of the servers that a Corefile imports from the folder `custom`: `*.server`. AKS, DigitalOcean, Gardener and
 * k3s mount ConfigMap `coredns-custom` there (/etc/coredns/custom).
 */
function customImports(blocks: readonly CorefileBlock[]): string[] {
  const paths = blocks.filter(({kind}) => kind === 'import').flatMap(({keys}) => keys)
  return paths.flatMap(path => /^(?:\/etc\/coredns\/|\.\/)?custom\/([^/]+)$/.exec(path)?.[1] ?? [])
}

/** The Corefile, the snippets that it imports outside of servers, and the imported keys of `coredns-custom`. */
function readTexts({corefile, custom = {}}: CorefileFiles, blocks: CorefileBlock[], patterns: string[]): ReadText[] {
  const names = blocks.filter(({kind}) => kind === 'import').map(({keys}) => `(${keys[0]})`)
  const snippets = blocks.filter(({kind, keys}) => kind === 'snippet' && names.includes(keys[0]!))
  const imported = Object.entries(custom).filter(([key]) => patterns.some(pattern => matchesGlob(key, pattern)))
  return [
    {map: 'coredns', key: 'Corefile', text: corefile},
    ...snippets.map(({at, end}): ReadText => {
      const text = corefile.slice(corefile.indexOf('{', at) + 1, end - 1)
      return {map: 'coredns', key: 'Corefile', text, isSnippet: true}
    }),
    ...imported.map(([key, text]): ReadText => ({map: 'coredns-custom', key, text})),
  ]
}

/** Whether a file name matches a pattern of Go's `filepath.Match`, of which `*` is supported. */
function matchesGlob(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(name)
}

/** The port of the server for the root zone; else of the server with the plugin `kubernetes`; else of the first server. */
function rootPort(corefile: string, blocks: readonly CorefileBlock[]): string {
  const servers = blocks.filter(({kind}) => kind === 'server')
  const ports = (block: CorefileBlock) => block.keys.map(parseAddress).filter(({transport}) => transport === 'dns')
  const root = servers.flatMap(ports).find(({zone: name}) => name === '.')
  if (root) return root.port
  const ofCluster = servers.find(({at, end}) => usesKubernetes(corefile.slice(at, end))) ?? servers[0]
  return ofCluster ? (ports(ofCluster)[0]?.port ?? '53') : '53'
}

function usesKubernetes(server: string): boolean {
  return tokenize(server).some(({text}, at, all) => text === 'kubernetes' && startsLine(all, at))
}
