import {commonFields} from '../../spec/common-fields.ts'
import {listField, textField} from '../../spec/field.ts'
import {dnsLabel} from '../../spec/texts.ts'

/** The add-ons that Istio's releases contain, by the names of their manifests (istio samples/addons, 1.24–1.31). */
export const addonNames = ['kiali', 'prometheus', 'grafana', 'jaeger', 'loki'] as const

export type AddonName = (typeof addonNames)[number]

function isAddonName(text: string): text is AddonName {
  return addonNames.includes(text as AddonName)
}

/** The add-ons of a command line. They are part of the names of records. */
export const namesField = {
  ...listField({
    flag: 'addons',
    about: `add-ons: ${addonNames.join(', ')}`,
    valueName: 'ADDON',
    check: text => (isAddonName(text) ? undefined : `is not one of ${addonNames.join(', ')}`),
  }),
  argument: true as const,
  perRun: true as const,
}

/** The names of a validated list, each once, in the order of `addonNames`. */
export function namesIn(names: readonly string[]): AddonName[] {
  return addonNames.filter(name => names.includes(name))
}

/** For fields that describe the place of a record. */
export const placeFields = {
  systemNamespace: {...commonFields.systemNamespace, perRun: true as const},
}

/** Namespace of an add-on. */
export const namespaceField = textField({
  flag: 'namespace',
  about: 'namespace of the add-ons, created if it does not exist',
  valueName: 'NS',
  check: dnsLabel,
  fallbackText: 'the current one, else that of istiod',
})
