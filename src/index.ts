/** The public entry `stowage`: the verbs and the words they use, without the command line. */

export { type ErrorCode, type ErrorDetails, isStowageError, StowageError } from './errors.ts';
export {
  displayName,
  type NameInJson,
  nameFromBytes,
  nameFromJson,
  nameToBytes,
  nameToJson,
} from './model/byte-name.ts';
export type { Clock } from './model/clock.ts';
export type { DigestKind, Digests } from './model/digest.ts';
export type { Entry, EntryType, Unseen } from './model/entry.ts';
export { type Evidence, type EvidenceLevel, evidenceLevels } from './model/evidence.ts';
export type { DigestSource, Manifest, Member, MemberType } from './model/manifest.ts';
export { type StoreKey, storeKey } from './model/store-key.ts';
export { inspectConfiguration, type OpenedConfiguration, type OpenOptions, openConfiguration } from './open.ts';
export type { Finding, Severity } from './plan/finding.ts';
export type { ArchivePlan, Policy } from './plan/plan-archive.ts';
export { type ArchiveDirectory, directoryNameOf, directoryOfArchive } from './rules/archive-directory.ts';
export type { Configuration } from './rules/configuration.ts';
export type { NameStep, NameSteps, PathExplanation, RuleTrial } from './rules/explain-path.ts';
export type { Problem } from './rules/problem.ts';
export type { Rule, Section } from './rules/section.ts';
export { type ArchiveOptions, archive } from './verbs/archive/archive.ts';
export type * from './verbs/archive/archive-event.ts';
export { check } from './verbs/check.ts';
export type * from './verbs/check-event.ts';
export { type DoctorOptions, doctor } from './verbs/doctor/doctor.ts';
export type * from './verbs/events.ts';
export { type Explainable, explain } from './verbs/explain.ts';
export type * from './verbs/explained-path.ts';
export type * from './verbs/listing/listing-event.ts';
export { missing } from './verbs/missing.ts';
export { type Opened, type Progress, type Project, projectOf, type VerbOptions } from './verbs/project.ts';
export { rebuildCatalog } from './verbs/rebuild/rebuild-catalog.ts';
export { type ReconcileOptions, reconcile } from './verbs/reconcile/reconcile.ts';
export { type RestoreOptions, restore } from './verbs/restore/restore.ts';
export type * from './verbs/restore/restore-event.ts';
export type * from './verbs/sandbox-facts.ts';
export { find } from './verbs/search/find.ts';
export type * from './verbs/search/search-event.ts';
export { status } from './verbs/status.ts';
export type * from './verbs/survey/survey-event.ts';
export { unlock } from './verbs/unlock.ts';
export { type VerifyOptions, verify } from './verbs/verify/verify.ts';
export type * from './verbs/verify/verify-event.ts';
export { version } from './version.ts';
