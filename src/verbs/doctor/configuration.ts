import { displayName } from '../../model/byte-name.ts';
import { type Check, ok, warning } from './check.ts';

/** What `check` would say. That a configuration cannot be used at all is told before. */
export const configurationCheck: Check = {
  name: 'configuration',
  async *examine({ project }) {
    if (project === undefined) return;
    const { configuration, warnings } = project;
    const name = displayName(configuration.name);
    const sections = `${name}: ${configuration.sections.size} ${configuration.sections.size === 1 ? 'section' : 'sections'}`;
    if (warnings.length === 0) yield ok(sections);
    else
      yield warning(
        `${sections}, ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}`,
        `stowage check ${name}`,
      );
  },
};
