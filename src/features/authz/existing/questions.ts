import type {Asker} from '../../../run/ask-missing.ts'
import {connect} from '../../../run/run.ts'
import type {Raw} from '../../../spec/field.ts'
import {readSpec} from '../../../spec/read.ts'
import {askChoice} from '../../../terminal/prompts.ts'
import {readAuthzRecords} from '../records/read.ts'
import {authzPlaceFields} from '../spec.ts'

interface RawPlace {
  name?: Raw
  systemNamespace?: Raw
}

/** Asks for an authorizer of the cluster, unless the input names one. Returns the answers only. */
export async function askAuthorizer(
  {name, systemNamespace}: RawPlace,
  {access, context, terminal}: Asker,
): Promise<{name?: Raw}> {
  if (name !== undefined) return {}
  const place = readSpec(authzPlaceFields, {systemNamespace})
  const records = await readAuthzRecords(await connect(access, context), place.systemNamespace)
  const names = [...new Set(records.map(record => record.name))].sort()
  // The command reports the missing name.
  if (names.length === 0) return {}
  const choices = names.map(value => ({name: value, value}))
  return {name: await askChoice(terminal, 'Which authorizer?', choices)}
}
