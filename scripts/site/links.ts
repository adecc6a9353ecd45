import {posix} from 'node:path'
import GithubSlugger from 'github-slugger'
import {fromMarkdown} from 'mdast-util-from-markdown'

/** A link or picture in a Markdown text. */
export interface MarkdownLink {
  /** The destination as written. */
  url: string
  /** A picture, not a link. */
  picture: boolean
  /** Line number, from 1. */
  line: number
  /** The whole element in the text: `[text](url)`, `![text](url)` or `[name]: url`. */
  start: number
  end: number
  /** The label between the brackets, as Markdown. */
  label: string
}

/** A part of a Markdown syntax tree. */
interface Part {
  type: string
  url?: string
  value?: string
  alt?: string | null
  children?: Part[]
  position?: {start: {line: number; offset?: number}; end: {offset?: number}}
}

/** The links and pictures of a Markdown text, in its order. Code is not searched. */
export function markdownLinks(text: string): MarkdownLink[] {
  return [...parts(fromMarkdown(text) as Part)]
    .filter(({type}) => ['link', 'image', 'definition'].includes(type))
    .map(({type, url, position}) => {
      const [start, end] = [position!.start.offset!, position!.end.offset!]
      const source = text.slice(start, end)
      const label = source.slice(source.indexOf('[') + 1, Math.max(source.lastIndexOf(']('), 1))
      return {url: url!, picture: type === 'image', line: position!.start.line, start, end, label}
    })
}

/** The anchors of the headings of a Markdown text, as GitHub and the site create them. */
export function anchors(text: string): Set<string> {
  const slugger = new GithubSlugger()
  const headings = [...parts(fromMarkdown(text) as Part)].filter(({type}) => type === 'heading')
  return new Set(headings.map(heading => slugger.slug([...parts(heading)].map(textOf).join(''))))
}

/** Whether a destination is a file or heading of the project, not another site or a mail address. */
export function isLocal(url: string): boolean {
  return !/^[a-z][a-z0-9+.-]*:|^\/\//i.test(url)
}

/**
 * Resolves a local destination.
 *
 * @param from path of the page in the project
 * @returns the path in the project (may begin with `..`), and the anchor without `#`
 */
export function resolveLink(from: string, url: string): {path: string; anchor: string} {
  const [path = '', anchor = ''] = url.split('#', 2)
  const target = decodeURI(path)
  return {path: target === '' ? from : posix.normalize(posix.join(posix.dirname(from), target)), anchor}
}

function* parts(part: Part): Generator<Part> {
  yield part
  for (const child of part.children ?? []) yield* parts(child)
}

function textOf({type, value, alt}: Part): string {
  return type === 'text' || type === 'inlineCode' ? value! : (alt ?? '')
}
