import {readdirSync, rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import fc from 'fast-check'
import {writeFolders} from '../../../src/terminal/output/files.ts'
import {hostileText} from '../hostile.ts'
import {accepted, must} from '../oracle.ts'
import {defineTarget} from '../target.ts'
import {tempFolder} from '../temp-folder.ts'

const place = tempFolder()
const folder = join(place, 'a', 'b', 'out')

/** Names of clusters and objects on their way to names of files. */
export const target = defineTarget({
  input: fc.array(hostileText, {minLength: 5, maxLength: 5}),
  async check([cluster, other, kind, name, namespace]) {
    const object = {apiVersion: 'v1', kind: kind!, metadata: {name: name!, namespace: namespace!}}
    const rest = {objects: [{wave: 10, object}], removed: [], leftOut: {secrets: 0, pending: 0, edits: 0}}
    await accepted(() =>
      writeFolders(folder, [
        {cluster: cluster!, ...rest},
        {cluster: other!, ...rest},
      ]),
    )
    const found = readdirSync(place, {recursive: true, withFileTypes: true})
    for (const {parentPath, name: file} of found.filter(entry => !entry.isDirectory()))
      must(dirname(parentPath) === folder, 'a file is not in the folder of its cluster', join(parentPath, file))
    rmSync(join(place, 'a'), {recursive: true, force: true})
  },
})
