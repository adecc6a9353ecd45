import {clusterInRecord, readGatewaysRecord} from '../../../mesh/record.ts'
import {count} from '../../../text/count.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {forEachMember} from './for-each.ts'
import type {FederationCheck} from './subject.ts'

/** Services are exported under the name of the cluster. Under a second name, they would be exported twice. */
const exporterName: FederationCheck = {
  id: 'exporter-name',
  about: 'the cluster has the name under which it joined',
  run: forEachMember(({cluster, context, facts}, {spec}) => {
    const joinedAs = readGatewaysRecord(facts?.record) && clusterInRecord(facts?.record)
    if (spec.mode !== 'gateways' || joinedAs === undefined || joinedAs === cluster) return undefined
    return {
      message: `the cluster joined as ${joinedAs}, and the other clusters import its services under that name`,
      hints: [
        `--cluster-name ${shellWord(`${context}=${joinedAs}`)}, or omit it`,
        'or remove the cluster first: kubectl mesh federate remove',
      ],
    }
  }),
}

/** In the other modes, no command updates the services that were exported in gateways mode. */
const importsLeft: FederationCheck = {
  id: 'imports-left',
  about: 'no services imported in gateways mode remain',
  run: forEachMember(({context, facts}, {spec}) => {
    if (spec.mode === 'gateways' || !facts || facts.imports.length === 0) return undefined
    return {
      level: 'warning',
      message: `${count(facts.imports.length, 'imported service')} under .global from gateways mode will not be updated any more`,
      hints: [
        `kubectl mesh service list --contexts ${shellWord(context)}`,
        'to remove them: kubectl mesh service unexport --all',
      ],
    }
  }),
}

/** Checks of services that are exported in gateways mode. */
export const serviceChecks: readonly FederationCheck[] = [exporterName, importsLeft]
