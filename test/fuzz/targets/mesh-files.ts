import {globSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {meshFileKinds} from '../../../scripts/mesh-file-kinds.ts'
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
  input: mutated(samples, [...yamlWords, 'spec:\n', 'kind: Tenant\n']),
  async check(text) {
    writeFileSync(file, text)
    for (const {kind, schema, validate} of kinds) {
      if (!text.includes(kind)) continue
      const raw = await accepted(() => readMeshFile(kind, schema, file))
      if (raw) await accepted(() => readSpec(schema, raw, validate))
    }
  },
})
