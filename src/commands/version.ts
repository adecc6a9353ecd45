import {exitCodes} from '../errors.ts'
import {readVersions, versionText} from '../features/version/version.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {outputFlag} from '../terminal/flags.ts'
import {dumpYaml} from '../text/yaml.ts'

export default class Version extends BaseCommand {
  static override summary = 'show the versions of kubectl mesh, Node.js and kubectl, and the supported Istio versions'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> -o json']
  static override flags = {output: outputFlag(['json', 'yaml'])}

  override async run() {
    const {flags} = await this.parse(Version)
    const versions = await readVersions(this.config)
    this.terminal().print(
      flags.output === 'json'
        ? JSON.stringify(versions, null, 2)
        : flags.output === 'yaml'
          ? dumpYaml(versions).trimEnd()
          : versionText(versions),
    )
    return exitCodes.ok
  }
}
