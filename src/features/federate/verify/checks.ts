import {ambientVerifyChecks} from '../ambient/checks-verify.ts'
import {credentials, keys, noCredentials, reader} from './checks-credentials.ts'
import {
  exposed,
  gatewayAddress,
  gatewayReachable,
  istiodExposed,
  networkLabelled,
  networksKnown,
} from './checks-gateways.ts'
import {importsCurrent, importsKnown, namesCurrent, rulesUsed} from './checks-imports.ts'
import {apiServer, clustersSynced, debugPages, endpointsKnown, ownName} from './checks-istiods.ts'
import {services} from './checks-services.ts'
import {injection, roots} from './checks-trust.ts'
import type {VerifyCheck} from './subject.ts'

/** The checks of `federate verify`, in the order of the report. Lasting checks of the preflight are run in addition. */
export const verifyChecks: readonly VerifyCheck[] = [
  apiServer,
  debugPages,
  ownName,
  networkLabelled,
  gatewayAddress,
  gatewayReachable,
  exposed,
  istiodExposed,
  injection,
  roots,
  reader,
  credentials,
  keys,
  noCredentials,
  clustersSynced,
  networksKnown,
  endpointsKnown,
  services,
  ...ambientVerifyChecks,
  importsCurrent,
  importsKnown,
  rulesUsed,
  namesCurrent,
]
