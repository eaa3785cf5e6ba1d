/**
 * A text without passwords: of `scheme://user:password@host`, of the same with one of our schemes and no slashes, and of a value behind a
 * word such as `--password`. Nothing of Stowage takes a secret on the command line; what somebody else's does is not for a log.
 */
export function withoutSecrets(text: string): string {
  // Hardly any line can hold one.
  if (!/@|pass|secret|token|key/i.test(text)) return text;
  return text
    .replace(/(:\/\/[^\s/:@"\\]*):[^\s/"\\]*@/g, '$1:***@')
    .replace(/\b((?:dir|hpss|grid|disc):[^\s/:@"\\]+):[^\s/"\\]*@/g, '$1:***@')
    .replace(/(--?(?:[a-z]+-)*(?:password|passphrase|secret|token|api-?key)(?:=|","|\s+))[^\s"]+/gi, '$1***');
}
