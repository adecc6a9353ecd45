import type {Asker} from '../../../run/ask-missing.ts'
import {connect} from '../../../run/run.ts'
import type {Raw} from '../../../spec/field.ts'
import {askChoice, askMany} from '../../../terminal/prompts.ts'
import {readTenants, type TenantsFacts} from '../read.ts'

interface RawAssign {
  name?: Raw
  namespaces?: Raw
  remove?: Raw
}

/** Asks for a tenant of the cluster, unless the input names one. Returns the answers only. */
export async function askTenantName({name}: {name?: Raw}, asker: Asker): Promise<{name?: Raw}> {
  if (name !== undefined) return {}
  return askName(await readTenants(await connect(asker.access, asker.context)), asker)
}

/** Asks for the tenant and the namespaces to move, unless the input names both. Returns the answers only. */
export async function askAssignment(raw: RawAssign, asker: Asker): Promise<RawAssign> {
  const hasNamespaces = Array.isArray(raw.namespaces) && raw.namespaces.length > 0
  if (raw.name !== undefined && hasNamespaces) return {}
  const facts = await readTenants(await connect(asker.access, asker.context))
  const answers: RawAssign = raw.name === undefined ? await askName(facts, asker) : {}
  const name = answers.name ?? raw.name
  if (name === undefined || hasNamespaces) return answers
  const names = facts.namespaces.map(({metadata}) => metadata.name).filter(one => !/^kube-/.test(one))
  const systems = new Set(facts.tenants.map(({namespace}) => namespace))
  const choices = names.filter(one => !systems.has(one)).map(value => ({name: value, value}))
  if (choices.length === 0) return answers
  const message = `Which namespaces should ${raw.remove ? 'leave' : 'belong to'} ${name}?`
  return {...answers, namespaces: await askMany(asker.terminal, message, choices, 1)}
}

async function askName({tenants}: TenantsFacts, {terminal}: Asker): Promise<{name?: Raw}> {
  const names = [...new Set(tenants.flatMap(({name}) => name ?? []))].sort()
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
