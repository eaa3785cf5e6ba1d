import { expect, test } from 'vitest';
import { testCentral } from './test-central.ts';
import { testClient } from './test-client.ts';

test('a session begins at home, and knows where it is', async () => {
  const client = await testClient(await testCentral());
  expect(await client.ask('pwd')).toEqual({
    metadata: { currentdir: '/localhost/localdomain/user/j/jalien/', exitcode: '0', error: '', user: 'jalien' },
    results: [{ pwd: '/localhost/localdomain/user/j/jalien/', message: '/localhost/localdomain/user/j/jalien/' }],
  });
  expect((await client.ask('mkdir', 'a')).metadata.exitcode).toBe('0');
  expect((await client.ask('cd', 'a')).metadata.currentdir).toBe('/localhost/localdomain/user/j/jalien/a/');
});

test('who is not in the virtual organisation gets 401', async () => {
  const central = await testCentral();
  await expect(testClient(central, { cert: central.files.strangerCert })).rejects.toThrow('401');
});

test('the catalogue outlives a restart, the sessions do not', async () => {
  const central = await testCentral();
  const client = await testClient(central);
  await client.ask('mkdir', 'kept');
  await client.ask('cd', 'kept');
  const { port } = central;
  await central.restart();
  expect(await client.hear()).toBe('closed 1006');
  expect(central.port).toBe(port);
  const again = await testClient(central);
  expect((await again.ask('pwd')).results[0]?.pwd).toBe('/localhost/localdomain/user/j/jalien/');
  expect((await again.ask('ls')).results.map((one) => one.name)).toEqual(['kept']);
});
