import {messageOf} from '../../errors.ts'
import type {Asker} from '../../run/ask-missing.ts'
import {connect} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {askChoice, askMany, askText} from '../../terminal/prompts.ts'
import {readInstalledNames} from './list.ts'
import {readManifests} from './read-manifests.ts'
import {addonRemoveFields, type RawAddonInstall} from './spec.ts'
import {addonNames, namesIn} from './spec-names.ts'

/** Asks which add-ons to install, where their manifests are and how users log in to Kiali. Returns the answers only. */
export async function askAddons(raw: RawAddonInstall, {terminal}: Pick<Asker, 'terminal'>): Promise<RawAddonInstall> {
  const known = namesIn(Array.isArray(raw.names) ? raw.names.map(String) : [])
  const names =
    known.length > 0
      ? known
      : await askMany(
          terminal,
          'Which add-ons?',
          addonNames.map(value => ({name: value, value})),
          1,
        )
  const from =
    raw.from ??
    (await askText(terminal, {
      message: 'Folder of your Istio release, or of the manifests:',
      check: path => manifestsProblem(names, path),
    }))
  const auth = names.includes('kiali') && raw.auth === undefined ? await askAuth(terminal) : undefined
  return {
    ...(known.length > 0 ? {} : {names}),
    ...(raw.from === undefined ? {from} : {}),
    ...(auth === undefined ? {} : {auth}),
  }
}

async function askAuth(terminal: Asker['terminal']): Promise<string | undefined> {
  const auth = await askChoice(terminal, 'How do users log in to Kiali?', [
    {name: 'token       with a token of a service account; one cluster only', value: 'token'},
    {name: 'anonymous   without a login', value: 'anonymous'},
  ])
  return auth
}

/** Returns why a path has no manifests of the add-ons. A chart is not rendered yet. */
async function manifestsProblem(names: readonly string[], from: string): Promise<string | undefined> {
  if (from === '') return 'is not a path'
  try {
    await readManifests({names: [...names], from, values: []}, 'istio-system')
    return undefined
  } catch (error) {
    return `cannot be used: ${withoutFlag(messageOf(error).split('\n')[0]!, from)}`
  }
}

/** The message about a path without the flag and the path, which the user has not typed and sees already. */
function withoutFlag(message: string, from: string): string {
  return message
    .replace(`--from ${from}: `, '')
    .replace(`--from ${from} `, 'it ')
    .replace(/^--from /, 'it ')
}

/** Asks for add-ons that `addon install` recorded, unless the input names some. Returns the answers only. */
export async function askInstalledAddons(
  raw: RawSpec<typeof addonRemoveFields>,
  {access, context, terminal}: Asker,
): Promise<RawSpec<typeof addonRemoveFields>> {
  if (raw.names !== undefined) return {}
  const spec = readSpec(addonRemoveFields, {systemNamespace: raw.systemNamespace})
  const names = await readInstalledNames(await connect(access, context), spec)
  if (names.length === 0) return {}
  return {
    names: await askMany(
      terminal,
      'Which add-ons?',
      names.sort().map(value => ({name: value, value})),
      1,
    ),
  }
}
