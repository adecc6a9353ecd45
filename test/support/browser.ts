import {execFileSync} from 'node:child_process'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {brotliDecompressSync} from 'node:zlib'
import chromium from '@sparticuz/chromium'
import puppeteer, {type Browser} from 'puppeteer-core'

/** A headless Chromium, from an npm package. */
export interface RunningBrowser {
  browser: Browser
  close(): Promise<void>
}

/** One process that emulates a GPU: an animation on one page then stops navigations of all pages for minutes on a busy machine. */
const onlyInLambda =
  /^--(single-process|in-process-gpu|use-gl|use-angle|enable-unsafe-swiftshader|ignore-gpu-blocklist)\b/

/** Starts a headless Chromium. */
export async function startBrowser(): Promise<RunningBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-browser-'))
  const executablePath = await chromium.executablePath()
  const env = {...process.env, LD_LIBRARY_PATH: await unpackLibraries(folder)}
  const args = [...chromium.args.filter(arg => !onlyInLambda.test(arg)), '--disable-gpu']
  const browser = await puppeteer.launch({args, executablePath, headless: 'shell', env})
  return {
    browser,
    close: async () => {
      await browser.close()
      await rm(folder, {recursive: true, force: true})
    },
  }
}

/** The libraries that Chromium needs beside those of every system. The package uses them only in AWS Lambda. */
async function unpackLibraries(folder: string): Promise<string> {
  const module = fileURLToPath(import.meta.resolve('@sparticuz/chromium'))
  const packed = await readFile(join(dirname(module), '..', 'bin', 'al2023.tar.br'))
  execFileSync('tar', ['x', '-C', folder], {input: brotliDecompressSync(packed)})
  return join(folder, 'lib')
}
