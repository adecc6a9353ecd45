/** What the record of the objects that VMs share stores about values in objects of others. */
export interface SharedRecord {
  /** kubectl-mesh set the network label of the system namespace. */
  ownsNetworkLabel: boolean
  /** Revisions in whose mesh config kubectl-mesh turned on DNS capture. */
  capturesDns: readonly string[]
}

const keys = {networkLabel: 'network-label', dnsCapture: 'dns-capture'}

/** The data of a record. */
export function formatSharedRecord({ownsNetworkLabel, capturesDns}: SharedRecord): Record<string, string> {
  return {
    ...(ownsNetworkLabel ? {[keys.networkLabel]: 'ours'} : {}),
    ...(capturesDns.length > 0 ? {[keys.dnsCapture]: capturesDns.join(',')} : {}),
  }
}

/**
 * Reads the data of a record.
 *
 * @param data undefined without a record
 */
export function parseSharedRecord(data: Readonly<Record<string, string>> | undefined): SharedRecord {
  return {
    ownsNetworkLabel: data?.[keys.networkLabel] === 'ours',
    capturesDns: (data?.[keys.dnsCapture] ?? '').split(',').filter(revision => revision !== ''),
  }
}
