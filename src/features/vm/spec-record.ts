import type {Raw} from '../../spec/field.ts'
import type {RawSpec} from '../../spec/read.ts'
import {type VmRegister, vmRegisterFields} from './spec.ts'

/**
 * A registration as JSON, for the ConfigMap from which `vm renew`, `vm verify` and `vm remove` read it. Values have the form
 * that a mesh file has; fields that have their default are omitted. Contains no secret.
 */
export function formatVmRecord(spec: VmRegister): string {
  const raw = Object.entries(vmRegisterFields).flatMap(([name, field]): [string, Raw][] => {
    const value: unknown = spec[name as keyof VmRegister]
    if (value === undefined || JSON.stringify(value) === JSON.stringify(field.fallback)) return []
    return [[name, field.format ? (field.format as (value: unknown) => string)(value) : (value as Raw)]]
  })
  return JSON.stringify(Object.fromEntries(raw.sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** The input for `readSpec` in a text of `formatVmRecord`. Undefined for any other text. */
export function parseVmRecord(text: string | undefined): RawSpec<typeof vmRegisterFields> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? (value as RawSpec<typeof vmRegisterFields>) : undefined
  } catch {
    return undefined
  }
}
