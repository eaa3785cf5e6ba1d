import { displayName } from '../model/byte-name.ts';
import type { Finding, RefusalReason, Withheld } from '../plan/finding.ts';
import { countText, sizeText } from './quantities.ts';

/** A finding as one line for people: what it is about, and what it says. */
export function findingText(finding: Finding): string {
  switch (finding.kind) {
    case 'unmapped':
      return finding.described
        ? `no rule maps ${path(finding.path)}`
        : `the configuration does not describe the directory ${path(finding.directory)}: ${path(finding.path)}`;
    case 'ambiguous':
      return `more than one rule maps ${path(finding.path)}: ${finding.patterns.map(displayName).join('  and  ')}`;
    case 'plain-clash':
      return `not archived: ${path(finding.path)}: it is not the only file that is mapped to the plain object ${path(finding.archive)}`;
    case 'all-gone':
      return `the section is empty on disk, and ${countText(finding.members, 'file')} of it ${finding.members === 1 ? 'is' : 'are'} recorded`;
    case 'unknown-runs':
      return `the store has the record of ${countText(finding.runs.length, 'run')} that the state folder lacks`;
    case 'refused':
      return `not archived: ${path(finding.path)}: ${refusalText(finding.why)}`;
    case 'unseen':
      return `cannot look at ${path(finding.path === '' ? '.' : finding.path)}: ${finding.reason}`;
    case 'withheld':
      return `not made: ${path(finding.archive)}: ${withheldText(finding.why)}`;
    case 'obstacle':
      return finding.advice === undefined ? finding.reason : `${finding.reason}; ${finding.advice}`;
    case 'changing':
      return `changed since the tree was looked at, and may still be written: ${path(finding.path)}, for ${path(finding.archive)}`;
    case 'torn':
      return `changed while it was read, twice; its content in ${path(finding.archive)} is torn: ${path(finding.path)}`;
    case 'gone':
      return `gone from disk, kept in ${path(finding.archive)}: ${path(finding.path)}`;
    case 'remapped':
      return `now mapped elsewhere, kept in ${path(finding.archive)}: ${path(finding.path)}`;
    case 'attributes':
      return `only its mode or owner differs from ${path(finding.archive)}: ${path(finding.path)}`;
    case 'never-verified':
      return `never verified: ${path(finding.archive)}`;
    case 'unexplained':
      return `nothing explains the object ${path(finding.archive)} (${sizeText(finding.bytes)})`;
    case 'in-motion':
      return `not judged: ${path(finding.archive)}: ${motions[finding.what]}`;
    case 'lost':
      return `recorded on ${finding.recordedAt}, and no longer in the store: ${path(finding.archive)} (${countText(finding.members, 'file')}, ${sizeText(finding.bytes)})`;
    case 'altered':
      return `not what was recorded: the object ${path(finding.archive)} (${sizeText(finding.bytes)})`;
    case 'unrecorded':
      return `in the store, and not in the record: ${path(finding.archive)} (${sizeText(finding.bytes)})`;
    case 'bad-copy':
      return `${path(finding.archive)}: a replica is not what was stored (${finding.reason}); what was wanted came from another`;
    case 'foreign':
      return `${path(finding.archive)} holds ${path(finding.path)}: ${finding.what}`;
    case 'dropped':
      return `left out, as --allow-shrink permits: ${path(finding.path)} from ${path(finding.archive)}`;
    case 'empty-directory':
      return finding.archive === undefined
        ? `no archive carries the empty directory ${path(finding.path)}`
        : `the empty directory ${path(finding.path)} goes into ${path(finding.archive)} when that is next made`;
  }
}

const motions: { readonly [what in (Finding & { kind: 'in-motion' })['what']]: string } = {
  came: 'it came into the store meanwhile',
  went: 'it went from the store meanwhile',
  changed: 'it was changed in the store meanwhile',
  recorded: 'a run is recording it, or was killed before it could',
};

/** What to do about a kind of finding, if that is not plain from it. */
export const findingHints: { readonly [kind in Finding['kind']]?: string } = {
  unmapped: 'add a pattern for it, or map it to "EXCLUDE"',
  ambiguous:
    'make the patterns exclude one another: exactly one must match; stowage explain CONFIG SECTION PATH shows them',
  unseen: 'make it readable and run again; archives that it could belong to are not replaced until then',
  'plain-clash': 'map them to a name that ends in .tar, or to names of their own',
  'all-gone': 'if the disk is not mounted, mount it; nothing is removed from the archives in any case',
  'unknown-runs': 'stowage rebuild-catalog CONFIG brings it; archive does nothing before',
  torn: 'run again when nothing writes to it',
  'never-verified': 'stowage verify CONFIG SECTION --level read',
  'in-motion': 'reconcile again when no run is at work',
  'bad-copy': 'stowage verify CONFIG SECTION --level read names it',
  lost: 'stowage archive CONFIG SECTION makes it again, if all of its members are on disk',
  altered: 'stowage verify CONFIG SECTION --level read compares it with the record',
  unrecorded: 'stowage archive CONFIG SECTION takes it into the record',
  unexplained: 'it may belong to an older configuration; Stowage leaves it alone',
};

/** Why something that a rule maps is not archived all the same. */
export function refusalText(why: RefusalReason): string {
  switch (why.kind) {
    case 'special':
      return `it is a ${why.type.replace('-', ' ')}`;
    case 'unreadable':
      return `it cannot be read: ${why.reason}`;
    case 'vanished':
      return 'it vanished while the tree was looked at';
    case 'several-disks':
      return `more than one disk has it: ${why.disks.map(displayName).join(', ')}`;
    case 'illegal-name':
      return `the rule gives the name '${displayName(why.name)}': ${why.why}`;
    case 'link-as-plain':
      return `a link cannot be copied as the plain object ${path(why.archive)}; map it to a .tar`;
    case 'timed-out':
      return `the pattern ${displayName(why.pattern)} runs out of time on it; write it so that no two repeats can match the same text`;
    case 'too-large':
      return `it has ${sizeText(why.bytes)} and a part holds at most ${sizeText(why.limit)} (--size-limit)`;
    case 'leftover':
      return 'a restore that was killed left it; run that restore again, or delete it';
  }
}

function withheldText(why: Withheld): string {
  switch (why.kind) {
    case 'too-large':
      return `its members have ${sizeText(why.bytes)}, the limit is ${sizeText(why.limit)} (--size-limit)`;
    case 'blind':
      return `members of it may lie where nothing could be seen: ${why.directories.map((one) => path(one === '' ? '.' : one)).join(', ')}`;
    case 'old-unreadable':
      return `what is there cannot be read (${why.reason})${why.gone === 0 ? '' : `, and ${countText(why.gone, 'member')} of it ${why.gone === 1 ? 'is' : 'are'} gone from disk`}; --allow-shrink replaces it all the same`;
    case 'would-shrink':
      return 'it would replace the only copy of a file that is gone from disk; --allow-shrink permits that';
    case 'replaced-by-others':
      return 'somebody else replaced it in the store, and what it holds now may be nowhere else; stowage verify --level read compares it with the record, --allow-shrink replaces it';
    case 'lost':
      return `recorded on ${why.recordedAt}, it is no longer in the store, and ${countText(why.gone, 'member')} of it ${why.gone === 1 ? 'is' : 'are'} gone from disk`;
    case 'obstacle':
      return why.reason;
    case 'name-conflict':
      return `${path(why.with)} would have to be a file and a folder at once`;
  }
}

function path(name: string): string {
  return `'${displayName(name)}'`;
}
