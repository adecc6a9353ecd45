import {shellWord} from '../text/shell-word.ts'
import {dnsLabel} from './texts.ts'

/** A context in a kubeconfig file, under a name that the user chooses: `NAME=FILE` or `NAME=FILE#CONTEXT`. */
export interface ContextReference {
  /** The chosen name. It is also the default name of the cluster. */
  name: string
  /** Path of the kubeconfig file. */
  file: string
  /** Context in the file; '' for its current context. */
  context: string
}

/**
 * Parses a reference to a context in a file. Two kubeconfigs of k3s or kubeadm name their context alike, so a merged
 * kubeconfig would contain only the first of them.
 *
 * @param text what a user typed for a context
 * @returns undefined for the name of a context. A FILE without a slash or a dot is none: names of contexts may contain `=`.
 */
export function parseContextReference(text: string): ContextReference | undefined {
  const equals = text.indexOf('=')
  const name = text.slice(0, equals)
  if (equals < 0 || dnsLabel(name)) return undefined
  const [file, ...context] = text.slice(equals + 1).split('#')
  if (!file || !/[./]/.test(file)) return undefined
  return {name, file: withHome(file), context: context.join('#')}
}

/** No shell expands a tilde after `east=`. */
function withHome(file: string): string {
  const home = process.env.HOME
  return home && file.startsWith('~/') ? `${home}${file.slice(1)}` : file
}

/**
 * The flags that select a context in a command for people, quoted for a shell: `--context east`.
 *
 * @param flag of kubectl and istioctl; Helm has another one
 */
export function contextFlags(context: string, flag: '--context' | '--kube-context' = '--context'): string {
  const reference = parseContextReference(context)
  if (!reference) return `${flag} ${shellWord(context)}`
  const file = `--kubeconfig ${shellWord(reference.file)}`
  return reference.context === '' ? file : `${file} ${flag} ${shellWord(reference.context)}`
}

/**
 * Names of contexts that contain the name of a cluster among other parts, with the cluster in group 1. Sources: gcloud
 * (`container clusters get-credentials`), aws (`eks update-kubeconfig`), eksctl (`pkg/utils/kubeconfig`), kubeadm
 * (`cmd/phases/kubeconfig`), oc (`login`: NAMESPACE/HOST:PORT/USER).
 */
const contextForms: readonly RegExp[] = [
  /^gke_[^_]+_[^_]+_(.+)$/,
  /^arn:[^:]*:eks:[^:]*:[^:]*:cluster\/(.+)$/,
  /^.+@([^.@]+)\.[^.@]+\.eksctl\.io$/,
  /^[^/]*\/([^/]+):\d+\/[^/]+$/,
  /^.+@([^@]+)$/,
]

/**
 * Returns the name that a cluster has in the mesh by default: the last meaningful part of its context as a DNS label. If the
 * context has no letter or digit of ASCII, that is the context itself, which is no DNS label.
 *
 * @param context name of a context, or a reference to a context in a file
 */
export function clusterNameFrom(context: string): string {
  const reference = parseContextReference(context)
  if (reference) return reference.name
  if (dnsLabel(context) === undefined) return context
  const part = contextForms.map(form => form.exec(context)?.[1]).find(found => found !== undefined)
  const name = (part ?? context)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(-63)
    .replace(/^-|-$/g, '')
  return name || context
}

/**
 * Returns a function that completes the chosen name of a reference, which a user may repeat in other flags.
 *
 * @param contexts the contexts of a run: `east=./k3s-east.yaml`
 * @returns for `east` the reference, and every other text unchanged
 */
export function referencesAmong(contexts: readonly string[]): (context: string) => string {
  const references = new Map(
    contexts.flatMap(context => {
      const name = parseContextReference(context)?.name
      return name === undefined ? [] : [[name, context] as const]
    }),
  )
  return context => references.get(context) ?? context
}
