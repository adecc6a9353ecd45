import {isIP} from 'node:net'
import {globalHost, type ServiceImport} from '../../../mesh/services/objects.ts'
import {parseImports} from '../../../mesh/services/parse-import.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {outdatedImports} from './checks-exports.ts'
import {
  fromApiServers,
  fromDebugPages,
  hasIstiodState,
  isReachable,
  istiodStates,
  kubectlInSystem,
  type VerifySubject,
  verifyCheck,
} from './subject.ts'

export const importsCurrent = verifyCheck({
  id: 'imports-current',
  about: 'imported services match the current exports',
  applies: subject =>
    isReachable(subject) && subject.gateways && (subject.current.member.facts?.imports ?? []).length > 0,
  from: fromApiServers,
  run: ({current, all, controlPlaneFlags}) => outdatedImports(current, all, controlPlaneFlags),
})

export const importsKnown = verifyCheck({
  id: 'imports-known',
  about: 'istiod knows the endpoints of imported services',
  applies: subject => hasIstiodState(subject) && subject.gateways && fixedHosts(subject).length > 0,
  from: fromDebugPages,
  run: subject =>
    istiodStates(subject.current).flatMap(({pod, external}) =>
      fixedHosts(subject)
        .filter(host => !external.has(host))
        .map(host => ({
          message: `${pod} has no endpoints for ${host}`,
          hints: [`${kubectlInSystem(subject)} logs ${pod} | grep ${shellWord(host)}`],
        })),
    ),
})

/** Imported hosts whose endpoints istiod takes from the ServiceEntry. */
function fixedHosts({current}: VerifySubject): string[] {
  const {imports} = parseImports(current.member.facts?.imports ?? [])
  return imports.filter(({imported}) => hasIpAddresses(imported)).map(({imported}) => globalHost(imported))
}

/** Host names of gateways are resolved by the proxies, so that istiod has no endpoints for them. */
function hasIpAddresses({exporters}: ServiceImport): boolean {
  return Object.values(exporters).every(({addresses}) => addresses.every(address => isIP(address)))
}
