import {posix} from 'node:path'
import {routeOf, sections, sitePath} from './pages.ts'

/** An entry of the sidebar. */
export interface SidebarItem {
  text: string
  link?: string
  items?: SidebarItem[]
  collapsible?: boolean
  collapsed?: boolean
}

/**
 * The sidebar of a version.
 *
 * @param titles title of each page of the version, by its path in the project
 * @param prefix begins each link: `` for the default version, else `/NAME`
 */
export function sidebar(titles: ReadonlyMap<string, string>, prefix: string): SidebarItem[] {
  const link = (path: string) => prefix + routeOf(sitePath(path)!)
  const page = (path: string): SidebarItem => ({text: titles.get(path)!, link: link(path)})
  const folder = (path: string): SidebarItem[] => {
    const inside = [...titles.keys()].filter(one => posix.dirname(one) === path && one !== `${path}/README.md`).sort()
    if (inside.length === 0) return []
    const index = `${path}/README.md`
    const head = titles.has(index) ? page(index) : {text: posix.basename(path)}
    return [{...head, items: inside.map(page), collapsible: true, collapsed: inside.length > 12}]
  }
  return sections.flatMap(({title, entries}) => {
    const items = entries.flatMap(path =>
      path.endsWith('.md') ? (titles.has(path) ? [page(path)] : []) : folder(path),
    )
    return items.length === 0 ? [] : [{text: title, items, collapsible: false}]
  })
}
