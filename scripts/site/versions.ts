/** A version of the documentation on the site. */
export interface SiteVersion {
  /** As the menu of versions shows it: `v0.2`. `next` is the working tree. */
  name: string
  /** The tag that holds its pages. Without one, the working tree does. */
  tag?: string
}

/** The name of the working tree's documentation. */
export const next = 'next'

/** How many released minor versions the site contains. */
const kept = 5

/**
 * Selects the versions of the site: the working tree, and the newest release of each of the last minor versions.
 *
 * @param tags of the project whose trees contain the pages of a site
 * @returns the newest first, after `next`
 */
export function siteVersions(tags: readonly string[]): SiteVersion[] {
  const releases = tags
    .map(tag => ({tag, numbers: /^v(\d+)\.(\d+)\.(\d+)$/.exec(tag)?.slice(1).map(Number)}))
    .filter((one): one is {tag: string; numbers: number[]} => one.numbers !== undefined)
    .sort((a, b) => compare(b.numbers, a.numbers))
  const minors = Map.groupBy(releases, ({numbers: [major, minor]}) => `v${major}.${minor}`)
  const released = [...minors].map(([name, [newest]]) => ({name, tag: newest!.tag}))
  return [{name: next}, ...released.slice(0, kept)]
}

/** The version that readers see first: the newest release, or `next` before the first one. */
export function defaultVersion(versions: readonly SiteVersion[]): string {
  return (versions.find(({tag}) => tag !== undefined) ?? versions[0]!).name
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((number, index) => number !== b[index])
  return at < 0 ? 0 : a[at]! - b[at]!
}
