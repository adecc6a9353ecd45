import {exitCodes} from '../errors.ts'
import {meshSetFields, meshSetKind, validateMeshSet} from '../features/files/prune/spec.ts'
import {defineKind} from './define.ts'

/** The kind that names the set of its files. It creates nothing. */
export const kind = defineKind(meshSetKind, meshSetFields, {
  validate: validateMeshSet,
  claims: () => ['the set of the files'],
  command: 'apply',
  after: [],
  apply: async () => exitCodes.ok,
  exported: async () => [],
})
