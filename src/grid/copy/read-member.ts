import { StowageError } from '../../errors.ts';
import { nameToBytes } from '../../model/byte-name.ts';
import { memberBytes } from '../zip/member-bytes.ts';
import { findMember, type ZipArchive } from '../zip/zip-archive.ts';
import { faultOfReplica, type WantedBytes } from './read-replicas.ts';
import { noReplicaLeft, type ReplicaSet, type ReplicaToRead } from './replica-set.ts';

/**
 * The bytes of a member of an archive, from the first replica of the archive that gives them. One that fails is dropped from the set; once bytes of it were given away, that ends the reading: what
 * another replica gives does not join on to it.
 */
export async function* readMember(
  set: ReplicaSet,
  member: string,
  { lfn, fileBytes, offset = 0, bytes }: WantedBytes,
  open: (replica: ReplicaToRead) => Promise<ZipArchive>,
  { signal, gives }: { readonly signal?: AbortSignal; readonly gives: (replica: ReplicaToRead) => void },
): AsyncGenerator<Buffer> {
  const end = bytes === undefined ? Number.POSITIVE_INFINITY : offset + bytes;
  for (let hasGiven = false; ; ) {
    const [replica] = set.left();
    if (replica === undefined || hasGiven) throw noReplicaLeft(lfn, set.failures());
    try {
      const archive = await open(replica);
      const found = await findMember(archive, nameToBytes(member));
      if (fileBytes !== undefined && found.bytes !== fileBytes) {
        throw new StowageError(
          'corrupt',
          `the member has ${found.bytes} bytes in its archive, and ${fileBytes} in the catalogue`,
        );
      }
      gives(replica);
      let at = 0;
      for await (const chunk of memberBytes(archive, found)) {
        const part = chunk.subarray(Math.max(0, offset - at), Math.max(0, end - at));
        at += chunk.length;
        if (part.length > 0) {
          hasGiven = true;
          yield part;
        }
        // Of a part nobody can tell whether the whole is right.
        if (at >= end && end < found.bytes) return;
      }
      return;
    } catch (error) {
      set.drop(replica, faultOfReplica(error, signal));
    }
  }
}
