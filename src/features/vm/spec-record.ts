import {createHash} from 'node:crypto'
import type {Raw} from '../../spec/field.ts'
import type {RawSpec} from '../../spec/read.ts'
import {type VmRegister, vmRegisterFields} from './spec.ts'

/**
 * Name of the ConfigMap in the system namespace that contains the registration of a VM. Different VMs have different names:
 * a namespace or name that contains `-` is ambiguous (`a-b` + `c`, `a` + `b-c`), so a hash is added.
 */
export function vmRecordName({namespace, name}: {namespace: string; name: string}): string {
  const plain = `kubectl-mesh-vm-${namespace}-${name}`
  if (!`${namespace}${name}`.includes('-')) return plain
  return `${plain}-${createHash('sha256').update(`${namespace}/${name}`).digest('hex').slice(0, 16)}`
}

/**
 * The fields in which a copy of a record differs, as text with both values.
 *
 * @param record text of the administrators' record
 * @param copy text of a ConfigMap that other users can write; it may be anything
 */
export function recordDifferences(record: string | undefined, copy: string | undefined): string[] {
  const expected: Record<string, unknown> = {...parseVmRecord(record)}
  const found: Record<string, unknown> = {...parseVmRecord(copy)}
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort()
  return names
    .map(name => [name, quoted(found[name]), quoted(expected[name])] as const)
    .filter(([, one, other]) => one !== other)
    .map(([name, one, other]) => `${quoted(name).slice(1, -1)} is ${one}; registered is ${other}`)
}

function quoted(value: unknown): string {
  if (value === undefined) return 'not set'
  const text = JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

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
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as RawSpec<typeof vmRegisterFields>)
      : undefined
  } catch {
    return undefined
  }
}
