import {minorOf} from './control-plane.ts'

/** A defect of some versions of istiod that can stop traffic between clusters. */
export interface KnownDefect {
  /** What happens. */
  about: string
  /** The issue in istio/istio. */
  issue: number
  /** The first version with the correction. */
  fixedIn: string
}

/** The defects of patch versions of one minor version, as `minorOf` returns it: `from` to `to`, both included. */
interface DefectRange extends KnownDefect {
  minor: number
  from: number
  to: number
}

/** Source: release notes of Istio 1.30.3, 1.30.4 and 1.31.0, and the issues. */
const ranges: readonly DefectRange[] = [
  {
    ...{minor: 1030, from: 0, to: 2, issue: 60612, fixedIn: '1.30.3'},
    about: 'a changed remote Secret may not be used until istiod restarts',
  },
  {
    ...{minor: 1030, from: 0, to: 3, issue: 60920, fixedIn: '1.30.4'},
    about: 'the gateway of a network may disappear when a remote Secret changes',
  },
  {
    ...{minor: 1030, from: 0, to: 3, issue: 61043, fixedIn: '1.30.4'},
    about: 'the endpoints of a cluster may disappear when its remote Secret changes',
  },
]

/** Defects of all patch versions up to a minor version. */
const untilMinor: readonly (KnownDefect & {minor: number})[] = [
  {
    ...{minor: 1027, issue: 57269, fixedIn: '1.28.0'},
    about: 'istiod leaks memory each time a remote Secret changes',
  },
]

/**
 * Returns the known defects of a version of istiod.
 *
 * @param version tag of the image; undefined and unknown tags have none
 */
export function knownDefects(version: string | undefined): KnownDefect[] {
  const minor = minorOf(version)
  const patch = Number(/^v?1\.\d+\.(\d+)/.exec(version ?? '')?.[1] ?? Number.NaN)
  if (minor === undefined || Number.isNaN(patch)) return []
  return [
    ...ranges.filter(range => range.minor === minor && range.from <= patch && patch <= range.to),
    ...untilMinor.filter(defect => minor <= defect.minor),
  ].map(({about, issue, fixedIn}) => ({about, issue, fixedIn}))
}
