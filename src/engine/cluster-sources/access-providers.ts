import {dirname, resolve} from 'node:path'
import {usageError} from '../../errors.ts'
import {isMap, parseJson} from '../../text/json.ts'
import {type ExecEntry, readExec} from '../kubeconfig/entries.ts'
import {below, list, mapping, type Place, text} from '../kubeconfig/fields.ts'

/** An access-provider file, for messages. */
export const providersForm =
  '{"providers": [{"name": "NAME", "execConfig": {"apiVersion": "client.authentication.k8s.io/v1", "command": "PLUGIN"}}]}'

/** What happens to arguments that a ClusterProfile contains. */
const argsPolicies = ['Ignore', 'Append'] as const

/** What happens to environment variables that a ClusterProfile contains. */
const envPolicies = ['Ignore', 'AppendIfNotExists', 'Replace'] as const

/** A way to log in to clusters, which the user trusts: the program that returns a credential. */
export interface AccessProvider {
  /** As in `status.accessProviders` of ClusterProfiles. */
  name: string
  exec: ExecEntry
  args: (typeof argsPolicies)[number]
  env: (typeof envPolicies)[number]
}

/**
 * Parses an access-provider file: `{"providers": [{"name": …, "execConfig": {…}}]}` (cluster-inventory-api, pkg/access/config.go,
 * 0.1.2). A relative command is resolved against the folder of the file, as in a kubeconfig. As in the original, plugins never
 * prompt, and without a policy what a profile adds is ignored.
 *
 * @throws MeshError (exit 2) that names the file and the field
 */
export function parseAccessProviders(content: string, file: string): AccessProvider[] {
  const document = parseJson(content)
  const top: Place = {file, path: ''}
  if (!isMap(document) || !Array.isArray(document.providers) || document.providers.length === 0)
    throw usageError(`${file}: not an access-provider file`, `expected JSON: ${providersForm}`)
  return list(document.providers, below(top, 'providers')).map((item, index) =>
    readProvider(item, below(top, `providers[${index}]`)),
  )
}

function readProvider(item: unknown, at: Place): AccessProvider {
  const fields = mapping(item, at)
  const name = text(fields, 'name', at)
  const exec = readExec(fields.execConfig, below(at, 'execConfig'), dirname(resolve(at.file)))
  if (name === '' || !exec?.command) throw usageError(`${at.file}: ${at.path} needs name and execConfig.command`)
  return {
    name,
    exec: {...exec, interactiveMode: 'Never'},
    args: policy(fields, 'profileSourcedCLIArgsPolicy', argsPolicies, at),
    env: policy(fields, 'profileSourcedEnvVarsPolicy', envPolicies, at),
  }
}

function policy<const P extends readonly string[]>(
  fields: Record<string, unknown>,
  field: string,
  all: P,
  at: Place,
): P[number] {
  const value = text(fields, field, at) || 'Ignore'
  if (all.includes(value)) return value
  throw usageError(`${at.file}: ${below(at, field).path} is not one of ${all.join(', ')}`)
}
