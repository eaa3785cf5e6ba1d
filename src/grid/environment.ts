/** The variables that steer the Grid's client, as alien.py has them, each with what it does here. The documentation is held to this table. */
export const environmentVariables = {
  ALIENPY_JCENTRAL: 'the central server to connect to, and no other',
  ALIENPY_JCENTRAL_PORT: 'its port, 8097 if not set',
  JALIEN_HOST: 'the host of an agent, tried first if JALIEN_WSPORT is set too',
  JALIEN_WSPORT: 'the port of that agent',
  ALIENPY_NETWORKSTACK: 'ipv4 or ipv6: use only these addresses',
  ALIENPY_NO_STAGGER: 'give each address of a host 2.5 s before the next one is tried, and not a quarter of a second',
  ALIENPY_CONNECT_TRIES: 'how often to try to connect, 3 if not set',
  ALIENPY_CONNECT_TRIES_INTERVAL: 'the pause between two tries in seconds, 0.3 if not set',
  ALIENPY_TIMEOUT: 'the seconds between two pings that keep the connection alive, 20 if not set',
  ALIEN_SITE: 'the site that we are close to; told to the server on each connection',
  X509_USER_CERT: "the user's certificate, ~/.globus/usercert.pem if not set",
  X509_USER_KEY: 'its key, ~/.globus/userkey.pem if not set',
  JALIEN_TOKEN_CERT: 'the token certificate, as a path or as PEM text',
  JALIEN_TOKEN_KEY: 'its key, as a path or as PEM text',
  X509_CERT_DIR: 'the folder with the certificates of the authorities',
  X509_CERT_FILE: 'one file with them',
  ALIENPY_USE_LOCAL_CAS: 'use the authorities of this folder, or of ~/.globus/certificates',
  TMPDIR: 'where token files lie, and files on their way to an editor',
  ALIENPY_JSON: 'print replies as JSON, like -json',
  ALIENPY_JSON_OUT_GLOBAL: 'the same',
  ALIENPY_JSON_OUT: 'the same',
  ALIENPY_JSONRAW: 'print replies as they came',
  ALIENPY_FANCY_PRINT: 'accepted, and does nothing here',
  ALIENPY_DEBUG: 'write a log of all requests and replies, without secrets, and ask for full replies',
  ALIENPY_DEBUG_FILE: 'the name of that log, ~/alien_py.log if not set',
  ALIENPY_DEBUG_APPEND: 'accepted; the log is always appended to, so that runs at the same time lose nothing',
  ALIENPY_DEBUG_CONCURRENT: 'accepted, and does nothing here',
  ALIENPY_DEBUG_ASYNCIO: 'accepted, and does nothing here',
  ALIENPY_DEBUG_STAGGER: 'accepted, and does nothing here',
  ALIENPY_TIMECONNECT: 'say how long connecting took',
  ALIENPY_TIMING: 'say how long each command took',
  ALIENPY_PROMPT_DATE: 'begin with the time in the prompt',
  ALIENPY_PROMPT_CWD: 'begin with the local directory in the prompt',
  ALIENPY_NO_CWD_RESTORE: 'begin a shell at home, and not where the last one was',
  ALIENPY_NO_HISTORY: 'neither read nor write the history',
  ALIENPY_ALLOW_UNKNOWN_CMDS: 'say what the server says of a command that it does not know, with its exit code',
  EDITOR: 'the editor of edit, with arguments if need be; mcedit or vi if not set',
  ALIENPY_KEEP_META: 'told by cp to change nothing: there is no metalink file; lfn2uri LFN meta makes one',
  ALIENPY_NOXRDZIP: 'for cp: as -noxrdzip',
  XRD_LOGLEVEL: 'told by cp to change nothing: alien.py -debug writes a log',
  XRD_LOGFILE: 'the same',
  ALIEN_PROC_ID: 'told to the server inside of a job',
  ALIEN_MASTERJOB_ID: 'told to the server inside of a job',
  ALIBUILD: 'accepted, and does nothing here',
} as const;

/** The name of one of these variables. */
export type EnvironmentVariable = keyof typeof environmentVariables;

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable; one that is empty counts as not set. */
export function variable(env: Environment, name: EnvironmentVariable): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}

/** True for a variable that is set, unless to 0, false, no or off. */
export function isOn(env: Environment, name: EnvironmentVariable): boolean {
  const value = variable(env, name);
  return value !== undefined && !/^(0|false|no|off)$/i.test(value);
}

/** A positive number from a variable; what is none counts as not set. */
export function positive(env: Environment, name: EnvironmentVariable): number | undefined {
  const value = Number(variable(env, name));
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
