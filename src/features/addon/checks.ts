import type {Check} from '../../findings/check.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import type {AddonInstall} from './spec.ts'
import type {AddonName} from './spec-names.ts'

/** What the checks before an installation receive. */
export interface AddonSubject {
  addons: readonly {name: AddonName; spec: Pick<AddonInstall, 'systemNamespace' | 'revision' | 'auth'>}[]
  controlPlanes: readonly Pick<ControlPlane, 'revision'>[]
  /** Kiali reads other clusters (`mesh addon connect`). */
  isConnected: boolean
}

const controlPlane: Check<AddonSubject> = {
  id: 'addon-control-plane',
  about: 'Kiali finds the control plane',
  run: ({addons, controlPlanes}) =>
    addons.flatMap(({name, spec: {systemNamespace, revision}}) => {
      const isFound = controlPlanes.some(one => revision === undefined || one.revision === revision)
      if (name !== 'kiali' || isFound) return []
      const what = revision === undefined ? 'no istiod' : `no istiod of revision ${revision}`
      return [
        {
          message: `${what} in namespace ${systemNamespace}, which Kiali would read`,
          hints: ['check --system-namespace and --revision', 'to install Istio: kubectl mesh install'],
        },
      ]
    }),
}

/** kiali.io, "Multi-cluster", 2.x: with a token, Kiali can check a user in its own cluster only. */
const severalClusters: Check<AddonSubject> = {
  id: 'addon-auth',
  about: 'the login of Kiali supports several clusters',
  run: ({addons, isConnected}) =>
    isConnected && addons.some(({spec: {auth}}) => auth === 'token')
      ? [
          {
            message: 'Kiali reads other clusters (addon connect), which --auth token does not support',
            hints: ['use --auth openid or --auth anonymous, or run kubectl mesh addon disconnect kiali before'],
          },
        ]
      : [],
}

/** Checks before add-ons are installed. */
export const addonChecks: readonly Check<AddonSubject>[] = [controlPlane, severalClusters]
