/** The command that prints the section names of a configuration, for the scripts of `completion`; no user types it, and no help shows it. */
export const sectionsCall = '__sections';
