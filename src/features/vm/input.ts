import type {Access} from '../../run/run.ts'
import {withContextNamespace} from '../../run/where.ts'
import type {Schema, SpecOf} from '../../spec/field.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import type {VmKey} from './facts.ts'
import {validateVmName} from './spec-validation.ts'

type VmSchema = Schema & {name: unknown; namespace: unknown}

/**
 * Reads the Spec of a command for one existing VM.
 *
 * @throws MeshError (exit 2) when a field is invalid, or the name or the namespace is missing
 */
export function readVmSpec<S extends VmSchema>(
  fields: S,
  raw: RawSpec<S>,
  context: string,
  access: Access,
): SpecOf<S> & VmKey {
  const validate = (spec: SpecOf<S>) =>
    validateVmName(spec as {name: string | undefined; namespace: string | undefined})
  return readSpec(fields, withContextNamespace(raw, context, access), validate) as SpecOf<S> & VmKey
}
