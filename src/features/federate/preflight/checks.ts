import {ambientChecks} from '../ambient/checks.ts'
import {sidecarChecks} from '../ambient/checks-sidecars.ts'
import {apiAddressChecks, gatewayAddressChecks} from './checks-addresses.ts'
import {caChecks} from './checks-ca.ts'
import {controlPlaneChecks} from './checks-control-plane.ts'
import {credentialChecks} from './checks-credentials.ts'
import {dnsChecks} from './checks-dns.ts'
import {gatewayChecks} from './checks-gateways.ts'
import {meshChecks} from './checks-mesh.ts'
import {clusterIdChecks, nameChecks} from './checks-names.ts'
import {primaryChecks} from './checks-primary.ts'
import {remoteSetUpChecks} from './checks-remote-set-up.ts'
import {remoteChecks} from './checks-remotes.ts'
import {rightChecks} from './checks-rights.ts'
import {roleChecks} from './checks-roles.ts'
import {rootChecks} from './checks-roots.ts'
import {serviceChecks} from './checks-services.ts'
import {versionChecks} from './checks-versions.ts'
import type {FederationCheck} from './subject.ts'

/** The checks that have findings only in primary-remote mode. */
export const primaryRemoteChecks: readonly FederationCheck[] = [...primaryChecks, ...remoteChecks, ...remoteSetUpChecks]

/** The preflight checks of `mesh federate`, in the order of their findings. If one finds an error, nothing is written. */
export const federationChecks: readonly FederationCheck[] = [
  ...nameChecks,
  ...controlPlaneChecks,
  ...clusterIdChecks,
  ...meshChecks,
  ...versionChecks,
  ...rootChecks,
  ...caChecks,
  ...apiAddressChecks,
  ...rightChecks,
  ...credentialChecks,
  ...sidecarChecks([...gatewayAddressChecks, ...gatewayChecks]),
  ...dnsChecks,
  ...serviceChecks,
  ...roleChecks,
  ...primaryRemoteChecks,
  ...ambientChecks,
]
