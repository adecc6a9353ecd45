import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import type {Asker} from '../../../run/ask-missing.ts'
import {connect} from '../../../run/run.ts'
import type {Raw} from '../../../spec/field.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askChoice, askMany, type Choice} from '../../../terminal/prompts.ts'
import {isMember} from '../assign/checks.ts'
import {isOfTenantAdd, namespacesOf, type Tenant} from '../istio.ts'
import {readTenants, type TenantsFacts} from '../read.ts'

interface RawAssign {
  name?: Raw
  namespaces?: Raw
  remove?: Raw
}

/**
 * Asks for a tenant to remove, unless the input names one. Control planes that were installed by other means are not offered.
 * Returns the answers only.
 */
export async function askTenantName({name}: {name?: Raw}, asker: Asker): Promise<{name?: Raw}> {
  if (name !== undefined) return {}
  const {tenants} = await readTenants(await connect(asker.access, asker.context))
  return askName(tenants.filter(isOfTenantAdd), asker.terminal)
}

/** Asks for the tenant and the namespaces to move, unless the input names both. Returns the answers only. */
export async function askAssignment(raw: RawAssign, asker: Asker): Promise<RawAssign> {
  const hasNamespaces = Array.isArray(raw.namespaces) && raw.namespaces.length > 0
  if (raw.name !== undefined && hasNamespaces) return {}
  const facts = await readTenants(await connect(asker.access, asker.context))
  const answers: RawAssign = raw.name === undefined ? await askName(assignable(facts, raw), asker.terminal) : {}
  const name = answers.name ?? raw.name
  if (name === undefined || hasNamespaces) return answers
  const tenant = facts.tenants.find(one => one.name === name)
  const choices = tenant ? namespaceChoices(tenant, facts, raw) : []
  if (!choices.some(({disabled}) => disabled === undefined)) return answers
  const message = `Which namespaces should ${raw.remove ? 'leave' : 'belong to'} ${name}?`
  return {...answers, namespaces: await askMany(asker.terminal, message, choices, 1)}
}

/** A tenant without a label that selects namespaces watches all of them, and gets none assigned. */
function assignable(facts: TenantsFacts, {remove}: RawAssign): Tenant[] {
  return facts.tenants.filter(tenant =>
    remove
      ? isOfTenantAdd(tenant) && namespacesOf(tenant, facts).length > 0
      : tenant.proved && tenant.label !== undefined,
  )
}

/** The namespaces that can join or leave a tenant, each with the tenant that it belongs to. */
function namespaceChoices(tenant: Tenant, {tenants, namespaces, tags}: TenantsFacts, {remove}: RawAssign): Choice[] {
  const systems = new Set(tenants.map(({namespace}) => namespace))
  const isOf = (one: Tenant, namespace: KubernetesObject) => isMember(namespace, {tenant: one, tags})
  return namespaces
    .filter(({metadata: {name, deletionTimestamp}}) => !/^kube-/.test(name) && !systems.has(name) && !deletionTimestamp)
    .filter(namespace => isOf(tenant, namespace) === (remove === true))
    .map(namespace => {
      const {name, labels} = namespace.metadata
      const injection = labels?.['istio-injection']
      // The command refuses it.
      if (injection !== undefined && !remove)
        return {name, value: name, disabled: `labelled istio-injection=${injection}`}
      const owner = tenants.find(one => one !== tenant && isOf(one, namespace))
      return {name: owner ? `${name}   belongs to ${owner.name}` : name, value: name}
    })
}

async function askName(tenants: readonly Tenant[], terminal: Terminal): Promise<{name?: Raw}> {
  const names = [...new Set(tenants.map(({name}) => name))].sort()
  // The command reports the missing name.
  if (names.length === 0) return {}
  return {
    name: await askChoice(
      terminal,
      'Which tenant?',
      names.map(value => ({name: value, value})),
    ),
  }
}
