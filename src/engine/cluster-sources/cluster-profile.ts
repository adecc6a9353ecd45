import {refusedError} from '../../errors.ts'
import {isMap} from '../../text/json.ts'
import {type ExecEntry, readCluster} from '../kubeconfig/entries.ts'
import {below, list, mapping, type Place, text, texts} from '../kubeconfig/fields.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import type {AccessProvider} from './access-providers.ts'
import {checkedCluster, labelsOf, noUser, type SourcedCluster} from './sourced-cluster.ts'

/** API version of ClusterProfiles (cluster-inventory-api 0.1.2). */
export const profileVersion = 'multicluster.x-k8s.io/v1alpha1'

const execExtension = 'client.authentication.k8s.io/exec'
const argsExtension = 'clusterprofiles.multicluster.x-k8s.io/exec/additional-args'
const envExtension = 'clusterprofiles.multicluster.x-k8s.io/exec/additional-envs'

/**
 * Returns the cluster of a ClusterProfile: that of the first provider of the access-provider file that the profile has too, as in
 * cluster-inventory-api (pkg/access/config.go, 0.1.2).
 *
 * Threat: whoever writes a profile chooses the server, and what the plugin receives as `spec.cluster`. The program and its
 * arguments are those of the user's file; arguments and variables of the profile count only where that file permits it.
 *
 * @param at where the profile is, for messages
 * @returns undefined for a profile that lists no provider yet: its cluster is being created
 * @throws MeshError if no provider of the profile is in the file, or the profile is invalid
 */
export function profileCluster(
  profile: KubernetesObject,
  providers: readonly AccessProvider[],
  at: string,
): SourcedCluster | undefined {
  const offered = offeredBy(profile, at)
  if (offered.size === 0) return undefined
  const provider = providers.find(({name}) => offered.has(name))
  if (!provider) {
    const names = someOf([...offered.keys()])
    throw refusedError(
      `${at}: its access providers (${names}) are not in the file of --access-providers (${providers.map(({name}) => name).join(', ')})`,
      'add one of them to the file, with the command of its plugin',
    )
  }
  const {fields, place} = offered.get(provider.name)!
  const extensions = list(fields.extensions, below(place, 'extensions')).map(one => mapping(one, place))
  const own = extensions.filter(({name}) => name === execExtension)
  const cluster = readCluster({...fields, extensions: own}, place, '/')
  const exec = withProfileValues(provider, extensions, place)
  return checkedCluster({name: profile.metadata.name, labels: labelsOf(profile), cluster, user: {...noUser, exec}}, at)
}

/** The first of many names: an object may contain thousands. */
function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(name => name.slice(0, 100))
  return [...shown, ...(names.length > 5 ? [`${names.length - 5} more`] : [])].join(', ')
}

interface Offered {
  /** The `cluster` of the provider. */
  fields: Record<string, unknown>
  place: Place
}

/** The providers of a profile by name. Those of the deprecated field count unless the current one has the same name. */
function offeredBy({status}: KubernetesObject, at: string): Map<string, Offered> {
  const top: Place = {file: at, path: 'status'}
  const fields = mapping(status, top)
  const entries = ['credentialProviders', 'accessProviders'].flatMap(field =>
    list(fields[field], below(top, field)).map((item, index): [string, Offered] => {
      const place = below(top, `${field}[${index}]`)
      const entry = mapping(item, place)
      const inside = below(place, 'cluster')
      return [text(entry, 'name', place), {fields: mapping(entry.cluster, inside), place: inside}]
    }),
  )
  return new Map(entries)
}

/** Adds arguments and variables of the profile, as far as the user's file permits it. */
function withProfileValues(
  {exec, args, env}: AccessProvider,
  extensions: readonly Record<string, unknown>[],
  place: Place,
): ExecEntry {
  const extension = (wanted: string) => extensions.find(({name}) => name === wanted)?.extension
  const moreArgs = args === 'Append' ? texts({args: extension(argsExtension)}, 'args', place) : []
  const moreEnv = env === 'Ignore' ? [] : variablesIn(extension(envExtension), place)
  const kept = env === 'Replace' ? exec.env.filter(({name}) => moreEnv.every(one => one.name !== name)) : exec.env
  const added = moreEnv.filter(({name}) => kept.every(one => one.name !== name))
  return {...exec, args: [...exec.args, ...moreArgs], env: [...kept, ...added]}
}

/**
 * Variables with which a program loads other code: of the dynamic linker, of shells, of interpreters and of OpenSSL; those that name
 * a program or a folder of settings, which may name one; and those that lead its requests to another server, or make it trust one.
 */
const loaders = new RegExp(
  [
    '^(?:PATH|ENV|IFS|HOME|SHELL|SHELLOPTS|PS4|ZDOTDIR|TMPDIR|GCONV_PATH|LOCPATH|CLASSPATH|BROWSER|EDITOR|VISUAL|PAGER|KUBECONFIG)$',
    '^(?:BASH|LD_|DYLD_|GLIBC_|MALLOC_|NODE_|PYTHON|PERL|RUBY|GEM_|LUA_|PHP|_?JAVA_|JDK_|DOTNET_|CORECLR_|OPENSSL_|GIT_|XDG_)',
    '^(?:SSL_|AWS_CONFIG_FILE$|AWS_SHARED_CREDENTIALS_FILE$|AWS_ENDPOINT_URL|CLOUDSDK_CONFIG$|CLOUDSDK_PYTHON|AZURE_CONFIG_DIR$)',
    '_(?:PROXY|CA_BUNDLE)$',
  ].join('|'),
  'i',
)

/**
 * Threat: a variable such as `LD_PRELOAD` makes the plugin run other code, and `HTTPS_PROXY` with `SSL_CERT_FILE` sends what it
 * knows to another server. The file of the user permits variables for the plugin, such as the name of a cluster, and not that.
 */
function variablesIn(extension: unknown, place: Place): ExecEntry['env'] {
  if (extension === undefined || extension === null) return []
  if (!isMap(extension)) throw refusedError(`${place.file}: the extension ${envExtension} is not a map of texts`)
  return Object.entries(extension).map(([name, value]) => {
    const isFine = typeof value === 'string' && !value.includes('\0') && /^[A-Za-z_][A-Za-z0-9_]{0,200}$/.test(name)
    if (!isFine) throw refusedError(`${place.file}: the extension ${envExtension} is not a map of texts`)
    if (loaders.test(name))
      throw refusedError(
        `${place.file}: the variable ${name} of the profile would make the plugin load other code or trust another server`,
        `remove it from the profile, or set profileSourcedEnvVarsPolicy to Ignore`,
      )
    return {name, value}
  })
}
