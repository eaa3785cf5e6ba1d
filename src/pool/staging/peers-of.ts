import type { FileOperations } from '../../durable/file-operations.ts';
import type {
  LocalPeerSettings,
  PeerSettings,
  PoolConfiguration,
  RemotePeerSettings,
} from '../configuration/pool-configuration.ts';
import { LocalPeer } from '../peers/local-peer.ts';
import type { Peer } from '../peers/peer.ts';
import { RemotePeer } from '../peers/remote-peer.ts';

/** The peers that are in force: those of the section stage, or, if it has none, those of the section peers. */
function peersInForce({ stage, peers }: PoolConfiguration): readonly PeerSettings[] {
  return stage !== undefined && stage.peers.length > 0 ? stage.peers : (peers?.peers ?? []);
}

/** The local peers to stage, in the order of the configuration. */
export function getLocalPeers(configuration: PoolConfiguration, files?: FileOperations): LocalPeer[] {
  return peersInForce(configuration).flatMap((peer) => (peer.type === 'local' ? localPeerOf(peer, files) : []));
}

/** The remote peers to stage, in the order of the configuration. */
export function getRemotePeers(configuration: PoolConfiguration, files?: FileOperations): RemotePeer[] {
  return peersInForce(configuration).flatMap((peer) =>
    peer.type === 'remote' ? remotePeerOf(configuration, peer, files) : [],
  );
}

/** The peers that are told when what they gave is stored. */
export function receiptPeers(configuration: PoolConfiguration, files?: FileOperations): readonly Peer[] {
  return peersInForce(configuration)
    .filter((peer) => peer.sendReceipt)
    .map((peer) => (peer.type === 'local' ? localPeerOf(peer, files) : remotePeerOf(configuration, peer, files)));
}

function localPeerOf({ name, collectDir, ignoreFailures }: LocalPeerSettings, files?: FileOperations): LocalPeer {
  return new LocalPeer({
    ...{ name, collectDir },
    ...(ignoreFailures === undefined ? {} : { ignoreFailureMode: ignoreFailures }),
    ...(files === undefined ? {} : { files }),
  });
}

/** A remote peer as it is configured; what it does not say itself, the options say. */
export function remotePeerOf(
  configuration: PoolConfiguration,
  peer: RemotePeerSettings,
  files?: FileOperations,
): RemotePeer {
  const { options } = configuration;
  const rshCommand = peer.rshCommand ?? options.rshCommand;
  const cbackCommand = peer.cbackCommand ?? options.cbackCommand;
  const localUser = getLocalUser(configuration);
  const suCommand = options.overrides.get('su');
  return new RemotePeer({
    name: peer.name,
    collectDir: peer.collectDir,
    workingDir: options.workingDir,
    remoteUser: getRemoteUser(configuration, peer),
    rcpCommand: getRcpCommand(configuration, peer),
    ...(rshCommand === undefined ? {} : { rshCommand }),
    ...(cbackCommand === undefined ? {} : { cbackCommand }),
    ...(localUser === undefined ? {} : { localUser }),
    ...(suCommand === undefined ? {} : { suCommand }),
    ...(peer.ignoreFailures === undefined ? {} : { ignoreFailureMode: peer.ignoreFailures }),
    ...(files === undefined ? {} : { files }),
  });
}

/** The user on a peer. */
export function getRemoteUser({ options }: PoolConfiguration, peer: RemotePeerSettings): string {
  return peer.backupUser ?? options.backupUser;
}

/** The user here, as whom root connects; undefined for anybody else. */
export function getLocalUser({ options }: PoolConfiguration): string | undefined {
  return process.geteuid?.() === 0 ? options.backupUser : undefined;
}

/** The copy command for a peer. */
export function getRcpCommand({ options }: PoolConfiguration, peer: RemotePeerSettings): string {
  return peer.rcpCommand ?? options.rcpCommand;
}
