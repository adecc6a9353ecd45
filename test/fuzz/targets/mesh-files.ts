import {globSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {meshFileKinds} from '../../../scripts/mesh-file-kinds.ts'
import {meshKinds} from '../../../src/kinds/kinds.ts'
import {readDocuments} from '../../../src/spec/documents/documents.ts'
import {readMeshFile} from '../../../src/spec/mesh-file.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {dumpYaml} from '../../../src/text/yaml.ts'
import {mutated} from '../mutate.ts'
import {accepted} from '../oracle.ts'
import {root} from '../schemas.ts'
import {defineTarget} from '../target.ts'
import {tempFolder} from '../temp-folder.ts'
import {rawSpec} from '../values.ts'
import {yamlWords} from '../words-yaml.ts'

const kinds = await meshFileKinds(root)
const file = join(tempFolder(), 'mesh.yaml')

/** The examples of the documentation, and files with any values. */
const samples = fc.oneof(
  fc.constantFrom(
    ...globSync('docs/mesh-files/*.yaml', {cwd: root}).map(path => readFileSync(join(root, path), 'utf8')),
  ),
  fc
    .constantFrom(...kinds)
    .chain(({kind, schema}) =>
      rawSpec(schema).map(spec => dumpYaml({apiVersion: 'kubectl-mesh.io/v1alpha1', kind, spec})),
    ),
)

/** Mesh files of every kind. Any text is read as every kind, because people and programs confuse them. */
export const target = defineTarget({
  input: mutated(samples, [...yamlWords, 'spec:\n', 'kind: Tenant\n', '---\n', 'metadata: {name: a}\n']),
  async check(text) {
    writeFileSync(file, text)
    // As documents of any kind: they are valid, or the error lists problems with their places.
    await accepted(() => readDocuments({paths: [file], recursive: false, context: ''}, meshKinds))
    for (const {kind, schema, validate} of kinds) {
      if (!text.includes(kind)) continue
      const read = await accepted(() => readMeshFile(kind, schema, file))
      if (read) await accepted(() => readSpec(schema, read.raw, validate))
    }
  },
})
