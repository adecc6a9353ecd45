import {type TextCheck, textField} from '../../spec/field.ts'
import {dnsLabel, labelValue} from '../../spec/texts.ts'

/** The name of a tenant, a positional argument of every command. */
export const tenantName = {
  ...textField({flag: 'name', about: 'name of the tenant', valueName: 'NAME', check: dnsLabel}),
  argument: true as const,
}

/** A label key and value. */
export interface Label {
  key: string
  value: string
}

/** A tenant's name and the names derived from it. */
export interface TenantNames {
  name: string
  systemNamespace: string
  revision: string
  /** Label that the discovery selectors of its istiod match. */
  selector: Label
}

/** The fields of the Spec that set names. */
export interface NameFields {
  name: string | undefined
  systemNamespace: string | undefined
  revision: string | undefined
  selectorLabel: string | undefined
}

/**
 * Returns the names of a tenant. A name that is not set is derived from the tenant's name, as in Istio's guide "Install
 * Multiple Istio Control Planes in a Single Cluster".
 *
 * @param fields `name` must be set
 */
export function namesOf(fields: NameFields): TenantNames {
  const name = fields.name!
  return {
    name,
    systemNamespace: fields.systemNamespace ?? name,
    revision: fields.revision ?? name,
    selector: parseLabel(fields.selectorLabel ?? `usergroup=${name}`)!,
  }
}

/** Splits `KEY=VALUE`. Returns undefined if the text has no key. */
export function parseLabel(text: string | undefined): Label | undefined {
  const at = text?.indexOf('=') ?? -1
  return at > 0 ? {key: text!.slice(0, at), value: text!.slice(at + 1)} : undefined
}

/** Accepts the name of a revision. Istio uses `default` for a control plane without a revision. */
export const revisionText: TextCheck = text =>
  text === 'default' ? 'is reserved: Istio uses it for control planes without a revision' : dnsLabel(text)

/** Accepts a label, `KEY=VALUE`, that a selector can match. */
export const labelText: TextCheck = text => {
  const label = parseLabel(text)
  return label && isLabelKey(label.key) && labelValue(label.value) === undefined
    ? undefined
    : 'is not a label (KEY=VALUE)'
}

/**
 * Returns whether Kubernetes or Istio gives a label key its own meaning. A selector with it could match a namespace that was
 * never added to the tenant: every namespace has `kubernetes.io/metadata.name`.
 */
export function isReservedKey(key: string): boolean {
  return key === 'istio.io/rev' || key === 'istio-injection' || /(^|\.)(kubernetes|k8s)\.io\//.test(key)
}

/** Returns the selector label in a record. Undefined for a text that `mesh tenant add` does not write. */
export function parseSelectorLabel(text: string | undefined): Label | undefined {
  const label = text !== undefined && labelText(text) === undefined ? parseLabel(text) : undefined
  return label && !isReservedKey(label.key) ? label : undefined
}

/** Returns a label as `KEY=VALUE`. */
export function formatLabel({key, value}: Label): string {
  return `${key}=${value}`
}

/** A key is a name, optionally after a DNS prefix and a slash (Kubernetes, "Labels and Selectors"). */
function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/')
  const isPrefixValid = slash < 0 || /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(key.slice(0, slash))
  return isPrefixValid && labelValue(key.slice(slash + 1)) === undefined
}
