import type {Problem} from '../../../errors.ts'
import {listField, type SpecOf, switchField} from '../../../spec/field.ts'
import {contextName} from '../../../spec/texts.ts'
import {federationFields} from '../spec.ts'

/** All that `mesh federate remove` can be told. */
export const federationRemoveFields = {
  contexts: {...federationFields.contexts, about: 'kubeconfig contexts of the clusters that leave the mesh'},
  from: listField({
    flag: 'from',
    about: 'kubeconfig contexts of the clusters that stay: they forget the leaving ones and revoke what those hold',
    valueName: 'CTX,CTX',
    check: contextName,
  }),
  clusterName: federationFields.clusterName,
  systemNamespace: federationFields.systemNamespace,
  revision: federationFields.revision,
  unreachableOk: switchField({
    flag: 'unreachable-ok',
    about: 'go on without a leaving cluster that does not answer; what it holds is revoked on the others',
  }),
}

/** The Spec of a removal. */
export type FederationRemove = SpecOf<typeof federationRemoveFields>

/** What one field alone can't tell. */
export function federationRemoveProblems(spec: FederationRemove): Problem[] {
  const problems: Problem[] = []
  const {contexts, from} = spec
  if (contexts.length === 0)
    problems.push({
      message: '--contexts is missing: which clusters leave?',
      hints: ['--contexts LEAVING --from STAYING,STAYING'],
    })
  for (const context of from)
    if (contexts.includes(context))
      problems.push({message: `${context} can't both leave (--contexts) and stay (--from)`})
  for (const context of Object.keys(spec.clusterName))
    if (![...contexts, ...from].includes(context))
      problems.push({message: `--cluster-name ${context}=…: ${context} is not among --contexts and --from`})
  return problems
}
