import {contextFlags} from '../../spec/context-ref.ts'
import {shellWord} from '../../text/shell-word.ts'

/** A remote Secret. */
export interface SecretPlace {
  context: string
  systemNamespace: string
  name: string
  /** All keys of its data: clusters that it registers. */
  keys: readonly string[]
}

/**
 * Returns the command that removes credentials from a remote Secret. It deletes the Secret only if that contains no other
 * credential: a bundle also registers other clusters, whose endpoints would disappear.
 *
 * @param removed keys of the credentials
 */
export function credentialRemovalHint(
  {context, systemNamespace, name, keys}: SecretPlace,
  removed: readonly string[],
): string {
  const kubectl = `kubectl ${contextFlags(context)} -n ${shellWord(systemNamespace)}`
  if (keys.every(key => removed.includes(key))) return `${kubectl} delete secret ${shellWord(name)}`
  const operations = [...new Set(removed)].map(key => ({op: 'remove', path: `/data/${pointerTo(key)}`}))
  return `${kubectl} patch secret ${shellWord(name)} --type=json -p ${shellWord(JSON.stringify(operations))}`
}

/** A key as one step of a JSON pointer (RFC 6901). */
function pointerTo(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
