import {MeshError} from '../errors.ts'
import {findTool, lastError, runFoundTool} from './run-tool.ts'

/** The program that opens a URL in the browser of the user, by platform. */
const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['explorer.exe'],
}

/**
 * Opens a URL in the browser of the user.
 *
 * @param url must not contain a secret: every user of the machine can read argv
 * @returns why no browser was opened; undefined if one was
 */
export async function openBrowser(url: string): Promise<string | undefined> {
  const [program = '', ...args] = openers[process.platform] ?? ['xdg-open']
  const file = await findTool(program)
  if (file === undefined) return `${program} is not in PATH`
  try {
    const {code, stderr} = await runFoundTool(file, [...args, url])
    // explorer.exe ends with 1 although it has opened the URL.
    return code === 0 || process.platform === 'win32' ? undefined : `${program}: ${lastError(stderr)}`
  } catch (error) {
    if (error instanceof MeshError) return error.message
    throw error
  }
}
