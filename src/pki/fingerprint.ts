/** `7c:1e:…:a0`: enough of a fingerprint to tell two roots apart at a look. */
export function shortFingerprint(fingerprint: string): string {
  const parts = fingerprint.toLowerCase().split(':')
  return parts.length > 4 ? `${parts.slice(0, 2).join(':')}:…:${parts.at(-1)}` : fingerprint
}
