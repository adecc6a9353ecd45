import {exitCodes} from '../errors.ts'
import {BaseCommand} from '../terminal/base-command.ts'
import {outputFlag} from '../terminal/flags.ts'

export default class Version extends BaseCommand {
  static override summary = 'show the versions of kubectl mesh and Node.js'
  static override examples = ['<%= config.bin %> <%= command.id %> -o json']
  static override flags = {output: outputFlag(['json'])}

  override async run() {
    const {flags} = await this.parse(Version)
    const versions = {
      clientVersion: this.config.version,
      node: process.versions.node,
      platform: `${process.platform}/${process.arch}`,
    }
    this.terminal().print(
      flags.output === 'json'
        ? JSON.stringify(versions, null, 2)
        : `Client Version: ${versions.clientVersion}\nNode.js: ${versions.node} (${versions.platform})`,
    )
    return exitCodes.ok
  }
}
