import {existsSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {anchors, isLocal, markdownLinks, resolveLink} from './links.ts'

/** A link whose destination does not exist. */
export interface DeadLink {
  /** Path of the page in the project. */
  page: string
  line: number
  url: string
  problem: string
}

/**
 * Finds links and pictures of Markdown files whose file, folder or heading does not exist. Other sites are not requested.
 *
 * @param root folder of the project
 * @param pages paths of the files in it
 */
export function deadLinks(root: string, pages: readonly string[]): DeadLink[] {
  const known = new Map<string, Set<string>>()
  const anchorsOf = (path: string) => {
    if (!known.has(path)) known.set(path, anchors(readFileSync(join(root, path), 'utf8')))
    return known.get(path)!
  }
  return pages.flatMap(page =>
    markdownLinks(readFileSync(join(root, page), 'utf8'))
      .filter(({url}) => isLocal(url))
      .flatMap(({url, line}) => {
        const problem = problemOf(root, page, url, anchorsOf)
        return problem === undefined ? [] : [{page, line, url, problem}]
      }),
  )
}

function problemOf(root: string, page: string, url: string, anchorsOf: (path: string) => Set<string>) {
  const {path, anchor} = resolveLink(page, url)
  if (path.startsWith('../')) return 'outside the project'
  const file = join(root, path)
  if (!existsSync(file)) return `${path} does not exist`
  if (anchor === '') return undefined
  if (statSync(file).isDirectory() || !path.endsWith('.md')) return `${path} has no headings`
  return anchorsOf(path).has(anchor) ? undefined : `${path} has no heading #${anchor}`
}
