import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {Config} from '@oclif/core/config'
import {settings} from '@oclif/core/settings'

/** Location of the package, and what `bin/dev.ts` overrides. */
export interface ConfigOptions {
  /** Folder of package.json and oclif.manifest.json. */
  root: string
  /** Replaces the package.json in that folder. */
  pjson?: Record<string, unknown>
  /** Load the command files instead of the manifest. */
  ignoreManifest?: boolean
}

/** Loads oclif's configuration without plugins, so that a ~/.local/share/kubectl-mesh/package.json has no effect. */
export async function loadConfig({root, pjson, ignoreManifest}: ConfigOptions): Promise<Config> {
  // With NODE_ENV=test or development, oclif would search for TypeScript, and print a warning where it is not installed.
  settings.enableAutoTranspile = false
  const config = new PlainConfig({
    root,
    userPlugins: false,
    devPlugins: false,
    pjson: (pjson ?? JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))) as never,
    ...(ignoreManifest ? {ignoreManifest} : {}),
  })
  await config.load()
  return config
}

/** oclif's configuration without a theme, which it would read from the home folder. */
class PlainConfig extends Config {
  override async loadTheme(): Promise<undefined> {
    return undefined
  }
}
