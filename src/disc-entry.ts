/** The public entry `stowage/disc`: ISO images and discs. */
export { blockBytes } from './disc/block-source.ts';
export { checkDisc, type DiscCheckOptions, type ExpectedDisc } from './disc/check-disc.ts';
export type { ChecksumPart } from './disc/checksum-tags.ts';
export { createWriter, type DiscSettings } from './disc/create-writer.ts';
export type { Graft, Grafted } from './disc/graft-tree.ts';
export { type DiscDevice, type DiscMedia, discMedia } from './disc/media.ts';
export { buildMediaLabel, labelBeginning } from './disc/media-label.ts';
export type { DiscEntry, Extent } from './disc/read-tree.ts';
export type { DiscDigests } from './disc/source-digests.ts';
export type { TrayOptions } from './disc/tray.ts';
export { type Carried, uncarriable } from './disc/uncarriable.ts';
export type { DiscFault, DiscVerdict } from './disc/verdict.ts';
export { shownBy } from './disc/write-session.ts';
export type { InitializeOptions, MediaCapacity, WriteOptions, Writer, WrittenDisc } from './disc/writer.ts';
export { type ErrorCode, type ErrorDetails, isStowageError, StowageError } from './errors.ts';
