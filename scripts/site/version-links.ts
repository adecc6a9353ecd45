import {existsSync, globSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** The links of the menu of versions, which the generator writes without an extension. */
const menuLinks = /(<a href=")([^"]*[^"/])(" class="rp-hover-group__item__link\b)/g

/**
 * Adds `.html` to the links of the menus of versions, so that they also work on servers that add no extension, and without scripts.
 *
 * @param output folder of the site
 * @param base path of the site on its server, with slashes at both ends
 */
export function completeVersionLinks(output: string, base: string): void {
  for (const page of globSync('**/*.html', {cwd: output})) {
    const file = join(output, page)
    const text = readFileSync(file, 'utf8')
    const completed = text.replaceAll(menuLinks, (all, start: string, path: string, end: string) =>
      existsSync(join(output, `${path.slice(base.length)}.html`)) ? `${start}${path}.html${end}` : all,
    )
    if (completed !== text) writeFileSync(file, completed)
  }
}
