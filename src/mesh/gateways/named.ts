import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {FieldProblem} from '../../spec/field.ts'
import {parseSettings, settingsKey} from '../../spec/settings.ts'
import {gatewayField} from './spec.ts'

/**
 * Returns the gateways outside the system namespace that the record of a cluster names, as `NAMESPACE/NAME`. Empty without a
 * record, or with settings that cannot be read.
 */
export function namedGatewaysIn(record: KubernetesObject | undefined): readonly string[] {
  const text = (record?.data as Record<string, string> | undefined)?.[settingsKey]
  const {gateway} = parseSettings({gateway: gatewayField}, text) ?? {}
  if (gateway === undefined || gateway === null) return []
  try {
    // The record of a cluster contains only its settings.
    return Object.values(gatewayField.parse(gateway)).flatMap(({existing = []}) => existing)
  } catch (error) {
    if (error instanceof FieldProblem) return []
    throw error
  }
}
