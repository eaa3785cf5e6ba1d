/** The public entry `stowage/grid`: sessions with a JAliEn central server. */
export { type ErrorCode, type ErrorDetails, isStowageError, StowageError } from './errors.ts';
export { type ConnectOptions, connect, type GridSession, type ParallelGrid } from './grid/connect.ts';
export type { Connection } from './grid/connection/connection.ts';
export type { Endpoint } from './grid/connection/endpoints.ts';
export type { CopyEvent } from './grid/copy/copy-event.ts';
export { copyFiles } from './grid/copy/copy-files.ts';
export type { CopyJob, Download, KnownFile, Upload } from './grid/copy/copy-job.ts';
export type { CopyOptions } from './grid/copy/copy-options.ts';
export { type CopyParts, type CopyPartsOptions, copyParts } from './grid/copy/copy-parts.ts';
export type { LfnOptions } from './grid/copy/lfn-content.ts';
export { type ReadLfnOptions, readLfn, readWholeLfn } from './grid/copy/read-lfn.ts';
export type { ReplicaFailure } from './grid/copy/replica-set.ts';
export { replicaUrl } from './grid/copy/replica-url.ts';
export type { CertificateFacts } from './grid/credentials/certificate.ts';
export type { Credential, CredentialKind } from './grid/credentials/credential.ts';
export { requestToken, type Token, writeToken } from './grid/credentials/token-files.ts';
export { type Environment, environmentVariables } from './grid/environment.ts';
export { errnoOf } from './grid/errno.ts';
export type { GridCommands, NewFile } from './grid/grid-commands.ts';
export type { Access, CatalogueEntry, DirectoryEntry, FoundFile, Identity, Replica } from './grid/grid-results.ts';
export { absoluteLfn } from './grid/lfn.ts';
export { type Places, placesOf } from './grid/places.ts';
export { type GridResult, type GridValue, messageOf, type Reply } from './grid/reply.ts';
export type { Request } from './grid/request.ts';
export type { RawSession, Sender, SendOptions, Sent } from './grid/session.ts';
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
