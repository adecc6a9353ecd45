import {createHash} from 'node:crypto'

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
 * The fields in which a copy of a registration differs, as text with both values.
 *
 * @param registered the input that the administrators' record stores
 * @param copy text of a ConfigMap that other users can write; it may be anything
 */
export function recordDifferences(registered: Readonly<Record<string, unknown>>, copy: string | undefined): string[] {
  const found = parseCopy(copy)
  const names = [...new Set([...Object.keys(registered), ...Object.keys(found)])].sort()
  return names
    .map(name => [name, quoted(found[name]), quoted(registered[name])] as const)
    .filter(([, one, other]) => one !== other)
    .map(([name, one, other]) => `${quoted(name).slice(1, -1)} is ${one}; registered is ${other}`)
}

/** A registration as version 0.1.0 wrote it: the fields of `vm register` as JSON. Empty for any other text. */
function parseCopy(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

function quoted(value: unknown): string {
  if (value === undefined) return 'not set'
  const text = JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
