/** The public entry `stowage/grid`: sessions with a JAliEn central server. */
export { type ErrorCode, type ErrorDetails, isStowageError, StowageError } from './errors.ts';
export { type ConnectOptions, connect, type GridSession } from './grid/connect.ts';
export type { Connection } from './grid/connection/connection.ts';
export type { Endpoint } from './grid/connection/endpoints.ts';
export type { CertificateFacts } from './grid/credentials/certificate.ts';
export type { Credential, CredentialKind } from './grid/credentials/credential.ts';
export { requestToken, type Token, writeToken } from './grid/credentials/token-files.ts';
export { type Environment, environmentVariables } from './grid/environment.ts';
export { errnoOf } from './grid/errno.ts';
export type {
  Access,
  CatalogueEntry,
  DirectoryEntry,
  FoundFile,
  GridCommands,
  Identity,
  NewFile,
  Replica,
} from './grid/grid-commands.ts';
export { absoluteLfn } from './grid/lfn.ts';
export { type Places, placesOf } from './grid/places.ts';
export { type GridResult, type GridValue, messageOf, type Reply } from './grid/reply.ts';
export type { Request } from './grid/request.ts';
export type { RawSession, SendOptions, Sent } from './grid/session.ts';
export {
  type CallOptions,
  checksumUrl,
  configOf,
  listUrl,
  makeDirectory,
  moveUrl,
  removeDirectory,
  removeFile,
  statUrl,
} from './grid/xrootd/name-space.ts';
export {
  openToRead,
  openToWrite,
  type ReadOptions,
  type RemoteFile,
  type WriteOptions,
} from './grid/xrootd/remote-file.ts';
export { type Session as XrootdSession, type SessionOptions, xrootdSession } from './grid/xrootd/session.ts';
export type { DirectoryEntry as XrootdEntry, EntryStat } from './grid/xrootd/stat.ts';
export { type ChunkOptions, readUrl, type StreamOptions, storeUrl, writeAll } from './grid/xrootd/transfers.ts';
