import { plainReason } from '../../errors.ts';
import { type ConnectOptions, connect, type GridSession } from '../../grid/connect.ts';
import { isOn } from '../../grid/environment.ts';
import { placesOf } from '../../grid/places.ts';
import { version } from '../../version.ts';

/**
 * A connected session for the command line. Where only the user's certificate is left, a token is fetched and saved, so that the next run needs neither
 * it nor its passphrase; if that fails, it is told, and the session goes on.
 */
export async function openGrid(options: ConnectOptions): Promise<GridSession> {
  const env = options.env ?? process.env;
  const tell = options.tell ?? (() => undefined);
  const grid = connect({ ...options, agent: version });
  const connection = await grid.connection();
  if (isOn(env, 'ALIENPY_TIMECONNECT')) {
    tell(
      `>>> connected to ${connection.endpoint.host}:${connection.endpoint.port} in ${(connection.openedInMs / 1000).toFixed(3)} s`,
    );
  }
  if (grid.credential()?.kind === 'user') {
    const { requestToken, writeToken } = await import('../../grid/credentials/token-files.ts');
    try {
      await writeToken(await requestToken(grid), placesOf(env));
    } catch (error) {
      tell(`no token was saved: ${plainReason(error)}`);
    }
  }
  return grid;
}
