import {cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join, posix} from 'node:path'
import {isLocal, type MarkdownLink, markdownLinks, resolveLink} from './links.ts'
import {sitePath, sources} from './pages.ts'

/** The pages of a version, prepared for the generator. */
export interface StagedVersion {
  /** The title of each page, by its path in the project. */
  titles: Map<string, string>
  /** Links to files of the project that are not on the site. Their text stays. */
  dropped: string[]
}

/**
 * Copies the pages of a version, with links that work on the site, and the files that they link to.
 *
 * @param project folder with the files of the version
 * @param name of the version
 * @param output root of the generator: pages are written below `NAME/`, other files below `public/files/NAME/`
 */
export function stageVersion(project: string, name: string, output: string): StagedVersion {
  const staged: StagedVersion = {titles: new Map(), dropped: []}
  const pages = sources
    .flatMap(source => (source.endsWith('.md') ? [source] : globSync(`${source}/**/*.md`, {cwd: project})))
    .filter(path => existsSync(join(project, path)))
  for (const path of pages.sort()) {
    const text = readFileSync(join(project, path), 'utf8')
    staged.titles.set(path, titleOf(text) ?? path)
    write(join(output, name, sitePath(path)!), rewrite(text, path, {project, name, output, staged}))
  }
  return staged
}

/** What the rewriting of a page needs. */
interface Staging {
  project: string
  name: string
  output: string
  staged: StagedVersion
}

function rewrite(text: string, page: string, staging: Staging): string {
  let after = text
  for (const link of markdownLinks(text).reverse())
    if (isLocal(link.url)) after = after.slice(0, link.start) + element(link, page, staging) + after.slice(link.end)
  return after
}

/** The element that replaces a local link or picture. */
function element(link: MarkdownLink, page: string, staging: Staging): string {
  const {path, anchor} = resolveLink(page, link.url)
  const target = [path, posix.join(path, 'README.md')].find(
    one => existsSync(join(staging.project, one)) && sitePath(one),
  )
  const mark = link.picture ? '!' : ''
  if (target !== undefined)
    return `${mark}[${link.label}](${relative(page, sitePath(target)!)}${anchor && `#${anchor}`})`
  if (!path.startsWith('docs/') || path.endsWith('.md') || !posix.extname(path)) {
    staging.staged.dropped.push(`${page}: ${link.url}`)
    return link.label
  }
  // A picture of a page is part of the generator's bundle; everything else is copied as it is.
  const copy = link.picture ? join(staging.name, path.slice('docs/'.length)) : join('public/files', staging.name, path)
  mkdirSync(dirname(join(staging.output, copy)), {recursive: true})
  cpSync(join(staging.project, path), join(staging.output, copy))
  return link.picture
    ? `![${link.label}](${relative(page, path.slice('docs/'.length))})`
    : `[${link.label}](/files/${staging.name}/${path})`
}

/** A path from the folder of a page on the site to another one, beginning with `.`. */
function relative(page: string, target: string): string {
  const path = posix.relative(posix.dirname(sitePath(page)!), target)
  return path.startsWith('.') ? path : `./${path}`
}

/** The text of the first heading, without marks. */
function titleOf(text: string): string | undefined {
  return /^# (.+)$/m.exec(text)?.[1]?.replaceAll('`', '')
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), {recursive: true})
  writeFileSync(path, text)
}
