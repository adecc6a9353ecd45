import type {Raw} from '../../spec/field.ts'
import type {RawSpec} from '../../spec/read.ts'
import {type VmRegister, vmRegisterFields} from './spec.ts'

/**
 * A registration as text, for the ConfigMap that remembers it: `vm renew` and `vm verify` read it again. Values as a mesh
 * file has them; what is the default is left out. Holds no secret.
 */
export function rememberVm(spec: VmRegister): string {
  const raw = Object.entries(vmRegisterFields).flatMap(([name, field]): [string, Raw][] => {
    const value: unknown = spec[name as keyof VmRegister]
    if (value === undefined || JSON.stringify(value) === JSON.stringify(field.fallback)) return []
    return [[name, field.format ? (field.format as (value: unknown) => string)(value) : (value as Raw)]]
  })
  return JSON.stringify(Object.fromEntries(raw.sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** What `rememberVm` wrote, to be read by `readSpec`; undefined for what is no such text. */
export function recallVm(text: string | undefined): RawSpec<typeof vmRegisterFields> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? (value as RawSpec<typeof vmRegisterFields>) : undefined
  } catch {
    return undefined
  }
}
