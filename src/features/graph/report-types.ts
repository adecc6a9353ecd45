/** How well something works. What mesh files describe is planned: nothing is known about its state. */
export type GraphState = 'ok' | 'planned' | 'warning' | 'broken'

/** What is wrong with a cluster or the mesh. */
export interface GraphProblem {
  state: GraphState
  /** ID of the check that found it; null if it was found while reading. */
  check: string | null
  message: string
}

/** An east-west gateway. */
export interface GraphGateway {
  name: string
  namespace: string
  /** Where other clusters reach it, with a port for one of type NodePort. */
  addresses: string[]
}

/** What a mesh file describes for a cluster. */
export interface GraphResource {
  /** Kind and name of the document. */
  kind: string
  name: string
  /** What the picture shows of it. */
  text: string
}

/** A cluster of the mesh, and what it contains. */
export interface GraphCluster {
  name: string
  /** Null for the current context, if mesh files name none. */
  context: string | null
  network: string | null
  /** Version of istiod; `unknown` if it cannot be determined. */
  istio: string | null
  /** Name of the primary cluster of a remote. */
  primary: string | null
  state: GraphState
  ca: {
    /** Short fingerprint of the root CA. */
    root: string | null
    /** The first cluster with a root CA has the same one. */
    sameRoot: boolean
    /** When the cluster's CA expires. */
    expires: string | null
    daysLeft: number | null
    state: GraphState
  } | null
  gateways: GraphGateway[]
  tenants: {
    name: string
    namespace: string
    revision: string
    istio: string | null
    ready: number
    replicas: number
    /** Number of its application namespaces. */
    namespaces: number
  }[]
  vms: {name: string; namespace: string; address: string | null; health: string; connected: boolean | null}[]
  localities: {locality: string; nodes: number; endpoints: number}[]
  /** Only with mesh files. */
  resources: GraphResource[]
  problems: GraphProblem[]
}

/** The istiod of `holder` reads the API server of `target`. */
export interface GraphLink {
  holder: string
  target: string
  state: GraphState
  /** Remaining life of the credential, or what is wrong with it. */
  text: string
  /** ID of the check that found the problem. */
  check: string | null
  /** Null for a credential that does not expire, and for none. */
  expiresInSeconds: number | null
}

/** A service that clusters offer to others in gateways mode. */
export interface GraphExport {
  service: string
  exporters: string[]
  importers: string[]
}

/** What `mesh graph` shows. The keys are those of `-o json`. */
export interface Graph {
  /** Null if mesh files describe no federation, or several with different modes. */
  mode: string | null
  /** When the clusters were read; null for mesh files. */
  time: string | null
  clusters: GraphCluster[]
  links: GraphLink[]
  exports: GraphExport[]
  /** What concerns no single cluster. */
  problems: GraphProblem[]
}
