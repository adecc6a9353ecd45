/**
 * Repeats a task about ten times a second, as a controller does. An error is ignored: the next repetition decides. Objects may
 * be deleted between two requests of a task, and connections end with the test.
 *
 * @returns a function that stops it
 */
export function repeat(task: () => Promise<void>): () => void {
  let stopped = false
  const loop = async () => {
    while (!stopped) {
      await task().catch(() => undefined)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
  void loop()
  return () => {
    stopped = true
  }
}
