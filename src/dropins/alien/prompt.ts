/** What a prompt shows beside user and directory. */
export interface PromptSettings {
  date: boolean;
  localDirectory: boolean;
}

/** What is known when a prompt is shown. */
export interface PromptFacts {
  readonly user: string;
  readonly directory: string;
  readonly localDirectory: string;
  readonly connected: boolean;
  readonly now: Date;
}

/** The prompt, in alien.py's form; a lost connection is told in it. */
export function promptText(settings: PromptSettings, facts: PromptFacts): string {
  const date = settings.date ? `${localTime(facts.now)} ` : '';
  const local = settings.localDirectory ? ` local:${facts.localDirectory}` : '';
  const lost = facts.connected ? '' : ' (not connected)';
  return `${date}AliEn[${facts.user}]:${facts.directory}${local}${lost} >`;
}

/** A time of this machine's zone, to the second, in ISO 8601. */
export function localTime(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${day}T${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
}
