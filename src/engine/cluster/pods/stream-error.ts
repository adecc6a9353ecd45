/**
 * Returns the error of a stream that could not be opened. The library `ws` rejects with an ErrorEvent, which is not an Error. The
 * event itself does not become a cause, because it holds the request with its credential.
 */
export function errorOfStream(error: unknown): Error | undefined {
  if (error instanceof Error) return error
  const inner = (error as {error?: unknown} | undefined)?.error
  return inner instanceof Error ? inner : undefined
}
