/** Shortens a fingerprint to `7c:1e:…:a0`, enough to distinguish two roots in a table. */
export function shortFingerprint(fingerprint: string): string {
  const parts = fingerprint.toLowerCase().split(':')
  return parts.length > 4 ? `${parts.slice(0, 2).join(':')}:…:${parts.at(-1)}` : fingerprint
}
